#include "runtime/kustomize/kfield.h"

static const struct kfield metadata[] = {
    {"name", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {"labels", KFIELD_STR_MAP, 0},
    {"annotations", KFIELD_STR_MAP, 0},
    {0},
};

static const struct kfield fieldspec[] = {
    {"group", KFIELD_STR, 0},
    {"version", KFIELD_STR, 0},
    {"kind", KFIELD_STR, 0},
    {"path", KFIELD_STR, 0},
    {"create", KFIELD_BOOL, 0},
    {0},
};

static const struct kfield label[] = {
    {"pairs", KFIELD_STR_MAP, 0},
    {"includeSelectors", KFIELD_BOOL, 0},
    {"includeTemplates", KFIELD_BOOL, 0},
    {"fields", KFIELD_STRUCTS, fieldspec},
    {0},
};

static const struct kfield selector[] = {
    {"group", KFIELD_STR, 0},
    {"version", KFIELD_STR, 0},
    {"kind", KFIELD_STR, 0},
    {"name", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {"annotationSelector", KFIELD_STR, 0},
    {"labelSelector", KFIELD_STR, 0},
    {0},
};

static const struct kfield patch[] = {
    {"path", KFIELD_STR, 0},
    {"patch", KFIELD_STR, 0},
    {"target", KFIELD_STRUCT, selector},
    {"options", KFIELD_BOOL_MAP, 0},
    {0},
};

static const struct kfield image[] = {
    {"name", KFIELD_STR, 0},
    {"newName", KFIELD_STR, 0},
    {"tagSuffix", KFIELD_STR, 0},
    {"newTag", KFIELD_STR, 0},
    {"digest", KFIELD_STR, 0},
    {0},
};

static const struct kfield replica[] = {
    {"name", KFIELD_STR, 0},
    {"count", KFIELD_INT, 0},
    {0},
};

static const struct kfield replacement_options[] = {
    {"delimiter", KFIELD_STR, 0},
    {"index", KFIELD_INT, 0},
    {"encoding", KFIELD_STR, 0},
    {"create", KFIELD_BOOL, 0},
    {0},
};

static const struct kfield replacement_source[] = {
    {"group", KFIELD_STR, 0},
    {"version", KFIELD_STR, 0},
    {"kind", KFIELD_STR, 0},
    {"name", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {"fieldPath", KFIELD_STR, 0},
    {"options", KFIELD_STRUCT, replacement_options},
    {0},
};

static const struct kfield replacement_target[] = {
    {"select", KFIELD_STRUCT, selector},
    {"reject", KFIELD_STRUCTS, selector},
    {"fieldPaths", KFIELD_STRS, 0},
    {"options", KFIELD_STRUCT, replacement_options},
    {0},
};

static const struct kfield replacement[] = {
    {"path", KFIELD_STR, 0},
    {"sourceValue", KFIELD_STR, 0},
    {"source", KFIELD_STRUCT, replacement_source},
    {"targets", KFIELD_STRUCTS, replacement_target},
    {0},
};

static const struct kfield var_target[] = {
    {"apiVersion", KFIELD_STR, 0},
    {"group", KFIELD_STR, 0},
    {"version", KFIELD_STR, 0},
    {"kind", KFIELD_STR, 0},
    {"name", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {0},
};

static const struct kfield var_field[] = {
    {"fieldPath", KFIELD_STR, 0},
    {0},
};

static const struct kfield var[] = {
    {"name", KFIELD_STR, 0},
    {"objref", KFIELD_STRUCT, var_target},
    {"fieldref", KFIELD_STRUCT, var_field},
    {0},
};

static const struct kfield generator_options[] = {
    {"labels", KFIELD_STR_MAP, 0},
    {"annotations", KFIELD_STR_MAP, 0},
    {"disableNameSuffixHash", KFIELD_BOOL, 0},
    {"immutable", KFIELD_BOOL, 0},
    {0},
};

const struct kfield kfield_configmap[] = {
    {"name", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {"behavior", KFIELD_STR, 0},
    {"literals", KFIELD_STRS, 0},
    {"files", KFIELD_STRS, 0},
    {"envs", KFIELD_STRS, 0},
    {"env", KFIELD_STR, 0},
    {"options", KFIELD_STRUCT, generator_options},
    {0},
};

const struct kfield kfield_secret[] = {
    {"name", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {"behavior", KFIELD_STR, 0},
    {"literals", KFIELD_STRS, 0},
    {"files", KFIELD_STRS, 0},
    {"envs", KFIELD_STRS, 0},
    {"env", KFIELD_STR, 0},
    {"options", KFIELD_STRUCT, generator_options},
    {"type", KFIELD_STR, 0},
    {0},
};

const struct kfield kfield_helm_chart[] = {
    {"name", KFIELD_STR, 0},
    {"version", KFIELD_STR, 0},
    {"repo", KFIELD_STR, 0},
    {"releaseName", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {"additionalValuesFiles", KFIELD_STRS, 0},
    {"valuesFile", KFIELD_STR, 0},
    {"valuesInline", KFIELD_MAP, 0},
    {"valuesMerge", KFIELD_STR, 0},
    {"includeCRDs", KFIELD_BOOL, 0},
    {"skipHooks", KFIELD_BOOL, 0},
    {"apiVersions", KFIELD_STRS, 0},
    {"kubeVersion", KFIELD_STR, 0},
    {"nameTemplate", KFIELD_STR, 0},
    {"skipTests", KFIELD_BOOL, 0},
    {"debug", KFIELD_BOOL, 0},
    {"devel", KFIELD_BOOL, 0},
    {0},
};

static const struct kfield helm_globals[] = {
    {"chartHome", KFIELD_STR, 0},
    {"configHome", KFIELD_STR, 0},
    {0},
};

static const struct kfield helm_inflation[] = {
    {"chartName", KFIELD_STR, 0},
    {"chartVersion", KFIELD_STR, 0},
    {"chartRepoUrl", KFIELD_STR, 0},
    {"chartHome", KFIELD_STR, 0},
    {"chartRepoName", KFIELD_STR, 0},
    {"helmBin", KFIELD_STR, 0},
    {"helmHome", KFIELD_STR, 0},
    {"values", KFIELD_STR, 0},
    {"valuesLocal", KFIELD_MAP, 0},
    {"valuesMerge", KFIELD_STR, 0},
    {"releaseName", KFIELD_STR, 0},
    {"releaseNamespace", KFIELD_STR, 0},
    {"extraArgs", KFIELD_STRS, 0},
    {0},
};

static const struct kfield legacy_sort[] = {
    {"orderFirst", KFIELD_STRS, 0},
    {"orderLast", KFIELD_STRS, 0},
    {0},
};

static const struct kfield sort_options[] = {
    {"order", KFIELD_STR, 0},
    {"legacySortOptions", KFIELD_STRUCT, legacy_sort},
    {0},
};

const struct kfield kfield_kustomization[] = {
    {"apiVersion", KFIELD_STR, 0},
    {"kind", KFIELD_STR, 0},
    {"metadata", KFIELD_STRUCT, metadata},
    {"openapi", KFIELD_STR_MAP, 0},
    {"namePrefix", KFIELD_STR, 0},
    {"nameSuffix", KFIELD_STR, 0},
    {"namespace", KFIELD_STR, 0},
    {"commonLabels", KFIELD_STR_MAP, 0},
    {"labels", KFIELD_STRUCTS, label},
    {"commonAnnotations", KFIELD_STR_MAP, 0},
    {"patchesStrategicMerge", KFIELD_STRS, 0},
    {"patchesJson6902", KFIELD_STRUCTS, patch},
    {"patches", KFIELD_STRUCTS, patch},
    {"images", KFIELD_STRUCTS, image},
    {"imageTags", KFIELD_STRUCTS, image},
    {"replacements", KFIELD_STRUCTS, replacement},
    {"replicas", KFIELD_STRUCTS, replica},
    {"vars", KFIELD_STRUCTS, var},
    {"sortOptions", KFIELD_STRUCT, sort_options},
    {"resources", KFIELD_STRS, 0},
    {"components", KFIELD_STRS, 0},
    {"crds", KFIELD_STRS, 0},
    {"bases", KFIELD_STRS, 0},
    {"configMapGenerator", KFIELD_STRUCTS, kfield_configmap},
    {"secretGenerator", KFIELD_STRUCTS, kfield_secret},
    {"helmGlobals", KFIELD_STRUCT, helm_globals},
    {"helmCharts", KFIELD_STRUCTS, kfield_helm_chart},
    {"helmChartInflationGenerator", KFIELD_STRUCTS, helm_inflation},
    {"generatorOptions", KFIELD_STRUCT, generator_options},
    {"configurations", KFIELD_STRS, 0},
    {"generators", KFIELD_STRS, 0},
    {"transformers", KFIELD_STRS, 0},
    {"validators", KFIELD_STRS, 0},
    {"buildMetadata", KFIELD_STRS, 0},
    {0},
};
