#!/usr/bin/perl
# The grammar and the parser are of one mind:
#  - each random sentence of grammar/pipeline.ebnf parses;
#  - formatted, it is a sentence still;
#  - each .pipeline file of the tree that parses is a sentence of it;
#  - of sentences with tokens dropped, doubled, swapped, both think the same.
# SEED=n chooses other sentences, COUNT=n how many.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Find qw(find);
use File::Temp qw(tempdir);
use lib dirname(__FILE__);
use Ebnf;
use Scan;

my $root = dirname(__FILE__) . '/../..';
my $pipec = $ENV{PIPEC} or die "PIPEC is not set\n";
my $grammar = Ebnf->new("$root/grammar/pipeline.ebnf");
my $scan = Scan->new($grammar);
my $dir = tempdir(CLEANUP => 1);
my $count = $ENV{COUNT} // 60;
srand($ENV{SEED} // 20261122);

# What the notation does not say: numbers have to be in range and whole.
sub sensible {
    my ($kind, $text) = @_;
    return 1 unless $kind =~ /^(NUMBER|TEXT|BEGIN|MIDDLE|END)$/;
    if ($kind eq 'NUMBER') {
        return 0 if $text =~ /[eE][+-]?[\d_]{3}/ || $text =~ /\.[\d_]+ms$/;
        return 0 if $text =~ /\.[\d_]+(?:B|[KMGT]iB?)$/;
        return 1;
    }
    return $text !~ /\\u\{0*\}|\\u\{[dD][89a-fA-F]/;
}

sub spelled {
    my ($kind, $not) = @_;
    for (1 .. 100) {
        my $text = $grammar->spell($grammar->{rules}{$kind});
        return $text if sensible($kind, $text) && !($not && $not->{$text});
    }
    die "no sensible $kind";
}

my $docs = 0;

# A here-document: its marker, and what goes in at the end of the line.
sub heredoc {
    my $word = 'DOC' . ++$docs;
    my $raw = rand() < 0.5;
    my @lines = map { ' ' x (2 + rand 5) . ('a', 'b \\\\(c', '# d', '\\n"')[rand 4] }
        1 .. rand 4;
    push @lines, '    \\(x.y) and \\("z")' if !$raw && rand() < 0.5;
    push @lines, '' if rand() < 0.2;
    return ($raw ? "<<~'$word'" : "<<~$word", join '', map { "$_\n" } @lines,
            ' ' x rand(4) . $word);
}

# Tokens with blanks, comments and newlines between them where they may be.
sub laid_out {
    my @tokens = @_;
    my ($out, $glue, $bodies, @open) = ('', 1, '');
    my $line = sub {
        $out .= ' # ' . ('c', '}', '"', '\\(')[rand 4] if rand() < 0.15;
        $out .= "\n$bodies";
        $out .= "\n" if $bodies;
        $bodies = '';
    };
    my $before = '';
    for my $token (@tokens) {
        my ($kind, $text, $not) = @$token;
        if ($kind eq '~') { $glue = 1; next }
        my $string = grep { $_ eq '"' } @open;
        if ($kind eq 'NL') {
            next if $string;
            $line->();
            $glue = 1;
            next;
        }
        $line->() if !$glue && !$string && @open && $open[-1] ne '{' &&
            rand() < 0.1;
        if ($kind eq 'DOC') {
            if ($string) {
                $text = "'doc'";
            } else {
                ($text, my $body) = heredoc();
                $bodies .= $body;
            }
        }
        $text //= spelled($kind, $not);
        $out .= ' ' x (1 + rand 1.2) unless $glue;
        $out .= $text;
        $glue = 0;
        my $map = $text eq '{' && $before =~ /^(?:[=,:?(\[]|BEGIN|MIDDLE)$/;
        push @open, $map ? 'map' : $text if $kind eq '' && $text =~ /^[(\[{]$/;
        pop @open if $kind eq '' && $text =~ /^[)\]}]$/;
        push @open, '"' if $kind eq 'BEGIN';
        pop @open if $kind eq 'END';
        $before = $kind || $text;
    }
    $line->() if $bodies;
    return $out;
}

sub mutated {
    my @tokens = map { [@$_] } @_;
    for (1 .. 1 + rand 2) {
        my $i = int rand @tokens;
        my $how = int rand 4;
        splice @tokens, $i, 1 if $how == 0;
        splice @tokens, $i, 0, $tokens[rand @tokens] if $how == 1;
        @tokens[$i, -1] = @tokens[-1, $i] if $how == 2;
        splice @tokens, $i, 0, ['', ('{', '(', '=', ',', '.', '?', ';', '-')[rand 8]]
            if $how == 3;
        last unless @tokens;
    }
    return @tokens;
}

sub put {
    my ($name, $text) = @_;
    open my $out, '>:raw', "$dir/$name" or die $!;
    print $out $text;
    close $out;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "$path: $!";
    local $/;
    return <$in> // '';
}

# The files of the folder that the parser refuses, with the first reason.
sub refused {
    my (@names) = @_;
    my %refused;
    while (my @some = splice @names, 0, 100) {
        my $paths = join ' ', map { "'$dir/$_'" } @some;
        for (split /\n/, `$pipec fmt --check $paths 2>&1 >/dev/null`) {
            $refused{$1} //= "$2" if m{^\Q$dir\E/(.+?):(\d+:\d+: error: .*)};
        }
    }
    return \%refused;
}

my $why; # the last text was no sentence

sub is_sentence {
    my ($text) = @_;
    my $tokens = $scan->tokens($text);
    $why = "stuck at byte $scan->{at}";
    return 0 unless $tokens;
    my $yes = $grammar->accepts('file', @$tokens);
    $why = "stuck at '" . ($tokens->[$grammar->{furthest}][1] // 'the end') . "'";
    return $yes;
}

my $tests = 0;
my $failed = 0;

sub report {
    my ($what, @bad) = @_;
    print @bad ? 'not ' : '', 'ok ', ++$tests, " - $what\n";
    print map { s/^/# /mgr . "\n" } @bad[0 .. ($#bad > 2 ? 2 : $#bad)];
}

my (%text, @names);
for my $i (1 .. $count) {
    my @tokens = $grammar->derive($grammar->{rules}{file}, 4 + $i % 18);
    my $name = sprintf 's%04d.pipeline', $i;
    $text{$name} = laid_out(@tokens);
    put($name, $text{$name});
    push @names, $name;
    my @other = mutated(@tokens) or next;
    my $odd = sprintf 'm%04d.pipeline', $i;
    $text{$odd} = eval { laid_out(@other) } // next;
    put($odd, $text{$odd});
    push @names, $odd;
}
my $refused = refused(@names);
my @sentences = grep { /^s/ } @names;

report("$count random sentences parse",
       map { "$refused->{$_}\n$text{$_}" } grep { $refused->{$_} } @sentences);
report('the recogniser takes them too',
       map { is_sentence($text{$_}) ? () : "$why\n$text{$_}" } @sentences);

my @apart;
for my $name (grep { /^m/ } @names) {
    my $ours = is_sentence($text{$name}) ? 1 : 0;
    my $theirs = $refused->{$name} ? 0 : 1;
    next if $ours == $theirs;
    push @apart, ($ours ? 'a sentence' : $why) . ", parser: " . ($refused->{$name} // 'accepts') .
        "\n$text{$name}";
}
report('changed sentences: both think the same', @apart);

my $good = join ' ', map { "'$dir/$_'" } grep { !$refused->{$_} } @sentences;
system("$pipec fmt $good") if $good;
report('formatted, they are sentences still',
       map { slurp("$dir/$_") }
       grep { !$refused->{$_} && !is_sentence(slurp("$dir/$_")) } @sentences);

my @files;
find({no_chdir => 1, wanted => sub {
    $File::Find::prune = 1 if m{/(?:build|\.git)$};
    push @files, $_ if /\.pipeline$/ && -f;
}}, $root);
my $n = 0;
my @not;
for my $file (sort @files) {
    next if `$pipec fmt --check '$file' 2>&1 >/dev/null` ne '';
    $n++;
    push @not, "$file, token $grammar->{furthest}" unless is_sentence(slurp($file));
}
report("$n files of the tree are sentences", $n ? @not : 'there are none');
print "1..$tests\n";
