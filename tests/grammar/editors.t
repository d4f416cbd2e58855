#!/usr/bin/perl
# The TextMate grammar and the Vim syntax see in each .pipeline file of the tree
# what the lexer sees: texts as texts, numbers as numbers, names as names,
# comments as comments, a statement's name as a kind.
use strict;
use warnings;
use utf8;
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp qw(tempfile);
use lib dirname(__FILE__);
use TextMate;

my $root = dirname(__FILE__) . '/../..';
my $pipec = $ENV{PIPEC} or die "PIPEC is not set\n";
my $textmate = TextMate->new("$root/grammar/pipeline.tmLanguage.json");
binmode STDOUT, ':utf8';

# What a token's first character may be, by token and editor.
my %want = (
    NAME => [qr/^(?!.*(?:string\.(?!.*meta\.embedded)|comment|numeric))/,
             qr/^(?!pipeline(?:String|Raw|Heredoc|HeredocRaw|Comment|Number)$)/],
    NUMBER => [qr/constant\.numeric/, qr/^pipelineNumber$/],
    STRING => [qr/string\.quoted|operator\.heredoc/, qr/^pipeline(?:String|Raw|Marker)$/],
    HEAD => [qr/string\.quoted|operator\.heredoc/, qr/^pipeline(?:String|Marker)$/],
    kind => [qr/entity\.name\.function\.kind/, qr/^pipelineKind$/],
    comment => [qr/comment\.line/, qr/^pipeline(?:Comment|Todo)$/],
    body => [qr/string\.unquoted/, qr/^pipelineHeredoc(?:Raw|Escape)?$/],
    binder => [qr/storage\.type/, qr/^pipeline(?:Binding|Define)$/],
);

my @files;
find({no_chdir => 1, wanted => sub {
    $File::Find::prune = 1 if m{/(?:build|\.git|fuzz)$};
    push @files, $_ if /\.pipeline$/ && -f;
}}, $root);

sub lines_of {
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!";
    chomp(my @lines = <$in>);
    return map { utf8::decode(my $line = $_); $line } @lines;
}

# Whether a token is the first of its line, and the line before it is over.
sub begins {
    my ($lines, $line, $column, $last) = @_;
    return 0 if substr($lines->[$line - 1] // '', 0, $column - 1) =~ /\S/;
    return !defined $last || $line != $last &&
        $lines->[$last - 1] !~ m{(?:,|&&|\|\||[-+*/%<>=?:])\s*(?:#.*)?$};
}

# [line, column, what] of a file that has no error. Two here-documents on one
# line, or one in a block that ends before its text, are more than these editors
# can follow.
sub marks {
    my ($file, @lines) = @_;
    return if grep { /<<~.*(?:<<~|\})/ } @lines;
    return if `$pipec fmt --check '$file' 2>&1 >/dev/null` ne '';
    my (@marks, $last);
    my ($fresh, $depth) = (1, 0);
    for (split /\n/, `$pipec check --dump=tokens '$file' 2>/dev/null`) {
        utf8::decode($_);
        my ($line, $column, $kind, $text) = /^(\d+):(\d+) (\w+)(?: "((?:[^"\\]|\\.)*)")?/ or die $_;
        $text //= '';
        $fresh = 1 if !$depth && begins(\@lines, $line, $column, $last);
        my $what = $kind;
        $what = $text =~ /^(?:let|param|secret|define)$/ ? 'binder' : 'kind'
            if $kind eq 'NAME' && $fresh;
        pop @marks if $kind eq 'COLON' && @marks && $marks[-1][2] eq 'kind';
        push @marks, [$line, $column, $what] if $want{$what};
        $fresh = $kind =~ /^(?:SEMICOLON|LBRACE)$/ && !$depth;
        $depth++ if $kind =~ /^L(?:PAREN|BRACKET)$/;
        $depth-- if $kind =~ /^R(?:PAREN|BRACKET)$/;
        $last = $line;
    }
    return @marks;
}

# Comments and the lines of here-documents are no tokens: by their looks.
sub other_marks {
    my (@lines) = @_;
    my (@marks, $word);
    for my $i (0 .. $#lines) {
        if (defined $word) {
            if ($lines[$i] =~ /^\s*$word\s*$/) { $word = undef; next }
            push @marks, [$i + 1, 1 + length $1, 'body'] if $lines[$i] =~ /^(\s*)[^\s\\]/;
            next;
        }
        $word = $1 if $lines[$i] =~ /^[^#]*<<~'?(\w+)'?[^'"<]*$/;
        push @marks, [$i + 1, 1 + length $1, 'comment'] if $lines[$i] =~ /^(\s*)#/;
    }
    return @marks;
}

# The syntax groups that Vim gives to the marks.
sub vim_groups {
    my ($file, @marks) = @_;
    my ($script, $name) = tempfile(SUFFIX => '.vim', UNLINK => 1);
    my (undef, $result) = tempfile(UNLINK => 1);
    my @lines = lines_of($file);
    print $script "set encoding=utf-8 runtimepath^=$root/grammar/vim\n",
        "filetype plugin on\nsyntax on\nedit $file\nsyntax sync fromstart\n",
        "let g:out = [&filetype]\n";
    for (@marks) {
        my $before = substr $lines[$_->[0] - 1], 0, $_->[1] - 1;
        utf8::encode($before);
        printf $script "call add(g:out, synIDattr(synID(%d, %d, 0), 'name'))\n",
            $_->[0], 1 + length $before;
    }
    print $script "call writefile(g:out, '$result')\nqall!\n";
    close $script;
    system("vim -u NONE -N -e -s -S $name </dev/null >/dev/null 2>&1");
    open my $in, '<', $result or die $!;
    chomp(my @groups = <$in>);
    die "no filetype for $file" unless (shift(@groups) // '') eq 'pipeline';
    return @groups;
}

my ($tests, $marks) = (0, 0);

sub report {
    my ($what, @bad) = @_;
    print @bad ? 'not ' : '', 'ok ', ++$tests, " - $what\n";
    print map { "# $_\n" } @bad[0 .. ($#bad > 20 ? 20 : $#bad)];
}

my (@textmate, @vim);
system('command -v vim >/dev/null 2>&1') == 0 or do { print "Bail out! no vim: run tests/deps\n"; exit 1 };
for my $file (sort @files) {
    my @lines = lines_of($file);
    my @marks = marks($file, @lines) or next;
    push @marks, other_marks(@lines);
    $marks += @marks;
    my @scopes = $textmate->scopes(@lines);
    my @groups = vim_groups($file, @marks);
    for my $i (0 .. $#marks) {
        my ($line, $column, $what) = @{$marks[$i]};
        my $scope = $scopes[$line - 1][$column - 1] // '';
        push @textmate, "$file:$line:$column: $what is '$scope'"
            unless $scope =~ $want{$what}[0];
        push @vim, "$file:$line:$column: $what is '$groups[$i]'"
            if $groups[$i] !~ $want{$what}[1];
    }
}
report('every TextMate pattern is used', $textmate->unused);
report("TextMate: $marks places", $marks > 100 ? @textmate : 'too few');
report("Vim: $marks places", @vim);
print "1..$tests\n";
