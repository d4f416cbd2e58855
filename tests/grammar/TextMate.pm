# As much of a TextMate engine as grammar/pipeline.tmLanguage.json needs: match,
# begin/end with back references, captures with patterns, include.
package TextMate;
use strict;
use warnings;
use JSON::PP ();

sub new {
    my ($class, $path) = @_;
    open my $in, '<:raw', $path or die "$path: $!";
    local $/;
    my $self = bless {g => JSON::PP::decode_json(<$in>)}, $class;
    $self->_check($self->{g});
    return $self;
}

# Every expression compiles, every include is there.
sub _check {
    my ($self, $x) = @_;
    if (ref $x eq 'ARRAY') { $self->_check($_) for @$x }
    return unless ref $x eq 'HASH';
    for (qw(match begin)) { qr/$x->{$_}/ if defined $x->{$_} }
    if (defined $x->{include}) {
        my ($name) = $x->{include} =~ /^#(.+)/ or die "include $x->{include}";
        $self->{g}{repository}{$name} or die "no pattern #$name";
        $self->{used}{$name} = 1;
    }
    $self->_check($_) for values %$x;
}

sub unused {
    my ($self) = @_;
    return grep { !$self->{used}{$_} } sort keys %{$self->{g}{repository}};
}

sub _expand {
    my ($self, $patterns) = @_;
    return map {
        my $rule = $_;
        if (my ($name) = ($rule->{include} // '') =~ /^#(.+)/) {
            $rule = $self->{g}{repository}{$name};
        }
        defined $rule->{match} || defined $rule->{begin}
            ? $rule : $self->_expand($rule->{patterns});
    } @$patterns;
}

sub _paint {
    my ($scopes, $from, $to, $name) = @_;
    $scopes->[$_] .= " $name" for $from .. $to - 1;
}

# The names of a match's captures; those with patterns are gone through.
sub _captures {
    my ($self, $line, $captures, $starts, $ends, $scopes) = @_;
    for my $i (sort { $a <=> $b } keys %{$captures // {}}) {
        my $c = $captures->{$i};
        my ($from, $to) = ($starts->[$i], $ends->[$i]);
        next unless defined $from;
        _paint($scopes, $from, $to, $c->{name}) if $c->{name};
        next unless $c->{patterns};
        my @stack = ({patterns => $c->{patterns}});
        $self->_line(\@stack, substr($line, 0, $to), $from, $scopes);
    }
}

# One line, from a column on; the stack is left as the next line finds it.
sub _line {
    my ($self, $stack, $line, $at, $scopes) = @_;
    my $steps = 0;
    while ($at <= length $line) {
        die "no progress in: $line" if $steps++ > 10 * length($line) + 100;
        my $top = $stack->[-1];
        my ($best, @starts, @ends);
        my $try = sub {
            my ($rule, $re) = @_;
            pos($line) = $at;
            return unless $line =~ /$re/gc;
            return if $best && $-[0] >= $starts[0];
            ($best, @starts) = ($rule, @-);
            @ends = @+;
        };
        $try->('end', $top->{end}) if defined $top->{end};
        $try->($_, $_->{match} // $_->{begin}) for $self->_expand($top->{patterns} // []);
        my $until = $best ? $starts[0] : length $line;
        _paint($scopes, $at, $until, $_)
            for map { ($_->{name} // (), $_->{content} // ()) } @$stack;
        last unless $best;
        if ($best eq 'end') {
            _paint($scopes, $starts[0], $ends[0], $_->{name} // '') for @$stack;
            $self->_captures($line, $top->{endCaptures}, \@starts, \@ends, $scopes);
            pop @$stack;
        } else {
            my $name = $best->{name};
            _paint($scopes, $starts[0], $ends[0], $_)
                for (map { ($_->{name} // (), $_->{content} // ()) } @$stack), $name // ();
            $self->_captures($line, $best->{captures} // $best->{beginCaptures},
                             \@starts, \@ends, $scopes);
            if (defined $best->{begin}) {
                my $end = $best->{end};
                $end =~ s/\\(\d)/quotemeta substr($line, $starts[$1], $ends[$1] - $starts[$1])/e;
                push @$stack, {name => $name, content => $best->{contentName},
                               end => $end, endCaptures => $best->{endCaptures},
                               patterns => $best->{patterns}};
            }
        }
        $at = $ends[0] > $at ? $ends[0] : $best eq 'end' || $best->{begin} ? $ends[0] : $at + 1;
        last if $at >= length($line) && !(defined $stack->[-1]{end} && '' =~ /$stack->[-1]{end}/
                                          && $stack->[-1]{end} =~ /\|\$$/);
    }
}

# For each line, the scopes of each character.
sub scopes {
    my ($self, @lines) = @_;
    my @stack = ({patterns => $self->{g}{patterns}});
    return map {
        my @scopes = ('') x length;
        $self->_line(\@stack, $_, 0, \@scopes);
        \@scopes;
    } @lines;
}

1;
