# Text to tokens by the rules of grammar/pipeline.ebnf: a scanner of its own, to
# hold the program's against.
package Scan;
use strict;
use warnings;

sub new {
    my ($class, $grammar) = @_;
    my %re = map { $_ => $grammar->regex($grammar->{rules}{$_}) }
        qw(NAME NUMBER TEXT BEGIN MIDDLE END);
    return bless {re => \%re}, $class;
}

# Brackets and interpolations that are open: '(' '[' 'map' 'block' or a hash.
sub _inside { my ($s) = @_; return @{$s->{open}} ? $s->{open}[-1] : 'block' }

sub _push {
    my ($s, $kind, $text, $from) = @_;
    my $glue = $from == $s->{last} && @{$s->{tokens}} ? 1 : 0;
    push @{$s->{tokens}}, [$kind, $text, $glue];
    $s->{last} = $s->{at};
}

# The whole list, or undef where a character or a token is malformed.
sub tokens {
    my ($s, $text) = @_;
    my $copy = $text;
    return undef if !utf8::decode($copy) || $copy =~ /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F\x{202A}-\x{202E}\x{2066}-\x{2069}]/;
    $text =~ s/^\xEF\xBB\xBF//;
    $s->{$_} = 0 for qw(at last resume);
    ($s->{text}, $s->{tokens}, $s->{open}) = (\$text, [], []);
    while ($s->{at} < length $text) {
        return undef unless $s->_one;
    }
    return undef if grep { ref } @{$s->{open}};
    return $s->{tokens};
}

sub _one {
    my ($s) = @_;
    my $t = $s->{text};
    pos($$t) = $s->{at};
    if ($$t =~ /\G(?:[ \t\r]+|#[^\n]*)/gc) {
        $s->{at} = pos $$t;
        return 1;
    }
    return $s->_newline if $$t =~ /\G\n/;
    my $from = $s->{at};
    if ($$t =~ /\G$s->{re}{NAME}/gc) {
        $s->{at} = pos $$t;
        $s->_push('NAME', substr($$t, $from, $s->{at} - $from), $from);
        return 1;
    }
    if ($$t =~ /\G$s->{re}{NUMBER}(?![A-Za-z0-9_%]|\.[0-9])/gc) {
        $s->{at} = pos $$t;
        $s->_push('NUMBER', substr($$t, $from, $s->{at} - $from), $from);
        return 1;
    }
    return $s->_string if $$t =~ /\G['"]/;
    return $s->_heredoc if $$t =~ /\G<<~/;
    return $s->_mark;
}

sub _newline {
    my ($s) = @_;
    my $inside = $s->_inside;
    return 0 if grep { ref } @{$s->{open}};
    $s->{at} = $s->{resume} || $s->{at} + 1;
    $s->{resume} = 0;
    push @{$s->{tokens}}, ['NL', "\n", 0] if $inside eq 'block';
    return 1;
}

sub _string {
    my ($s) = @_;
    my $t = $s->{text};
    my $from = $s->{at};
    for my $kind (qw(TEXT BEGIN)) {
        pos($$t) = $from;
        next unless $$t =~ /\G$s->{re}{$kind}/gc;
        $s->{at} = pos $$t;
        $s->_push($kind, substr($$t, $from, $s->{at} - $from), $from);
        push @{$s->{open}}, {parens => 0} if $kind eq 'BEGIN';
        return grep({ ref } @{$s->{open}}) <= 32;
    }
    return 0;
}

# The part of a here-document from `at` to an interpolation or its end.
sub _body {
    my ($s, $frame, $plain, $open) = @_;
    my $t = $s->{text};
    pos($$t) = $s->{at};
    my $from = $s->{at};
    while (!$frame->{raw} && pos($$t) < $frame->{end}) {
        next if $$t =~ /\G(?:[^\\]|\\\\\(|\\(?!\())/gcs && pos($$t) <= $frame->{end};
        last if pos($$t) > $frame->{end};
        $s->{at} = $s->{last} = pos($$t) + 2;
        push @{$s->{tokens}}, [$open, '', 0];
        push @{$s->{open}}, {%$frame, parens => 0};
        return 1;
    }
    push @{$s->{tokens}}, [$plain, '', 0];
    $s->{at} = $s->{last} = $frame->{back};
    return 1;
}

sub _heredoc {
    my ($s) = @_;
    my $t = $s->{text};
    return 0 if grep { ref } @{$s->{open}};
    $$t =~ /\G<<~(?:'([A-Za-z0-9_]+)'|([A-Za-z0-9_]+))/gc or return 0;
    my ($word, $back) = ($1 // $2, pos $$t);
    my %frame = (raw => defined $1, back => $back);
    my $from = $s->{resume} || (index($$t, "\n", $back) + 1 || length $$t);
    pos($$t) = $from;
    $$t =~ /\G(?:.*\n)*?[ \t\r]*$word[ \t\r]*(?:\n|\z)/gc or return 0;
    $s->{resume} = pos $$t;
    my $all = substr $$t, $from, $s->{resume} - $from;
    $all =~ s/[ \t\r]*$word[ \t\r]*\n?\z//;
    $frame{end} = $from + length $all;
    $s->{at} = $from;
    return $s->_body(\%frame, 'DOC', 'BEGIN');
}

sub _resume_string {
    my ($s, $frame) = @_;
    my $t = $s->{text};
    my $from = $s->{at};
    if ($frame->{back}) {
        $s->{at}++;
        return $s->_body($frame, 'END', 'MIDDLE');
    }
    for my $kind (qw(END MIDDLE)) {
        pos($$t) = $from;
        next unless $$t =~ /\G$s->{re}{$kind}/gc;
        $s->{at} = pos $$t;
        $s->_push($kind, substr($$t, $from, $s->{at} - $from), $from);
        push @{$s->{open}}, {parens => 0} if $kind eq 'MIDDLE';
        return 1;
    }
    return 0;
}

my %closes = (')' => '(', ']' => '[');

# A '{' where a value should stand opens a map, any other a block.
sub _brace {
    my ($s) = @_;
    my ($before, $dot) = grep { $_->[0] ne 'NL' } reverse @{$s->{tokens}};
    return 'block' unless $before;
    return 'map' if $before->[1] eq 'in' && $dot->[1] ne '.'; # for=x in {…}
    return 'block' if $before->[0] ne '' && $before->[0] !~ /^(BEGIN|MIDDLE)$/;
    return $before->[1] =~ /^[\])};{]$/ ? 'block' : 'map';
}

sub _mark {
    my ($s) = @_;
    my $t = $s->{text};
    my $from = $s->{at};
    my $inside = $s->_inside;
    if (ref $inside && !$inside->{parens} && $$t =~ /\G\)/) {
        return $s->_resume_string(pop @{$s->{open}});
    }
    $$t =~ /\G(?:[!=<>]=|=~|&&|\|\||[-+*\/%!<>=?:.,;()\[\]{}])/gc or return 0;
    my $mark = substr $$t, $from, pos($$t) - $from;
    $s->{at} = pos $$t;
    my $brace = $mark eq '{' ? $s->_brace : '';
    $s->_push('', $mark, $from);
    if (ref $inside && $mark =~ /[()]/) {
        $inside->{parens} += $mark eq '(' ? 1 : -1;
    } elsif (!ref $inside) {
        push @{$s->{open}}, $brace || $mark if $mark =~ /[(\[{]/;
        pop @{$s->{open}} if $mark =~ /[)\]}]/ && @{$s->{open}};
    }
    return 1;
}

1;
