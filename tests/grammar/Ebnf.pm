# Reads grammar/pipeline.ebnf. From it: regular expressions for tokens, random
# sentences, and a recogniser (Earley's, with left recursion for { }).
package Ebnf;
use strict;
use warnings;

# A rule's body is a tree: [seq, …] [alt, …] [opt, x] [rep, x] [lit, text]
# [ref, name] [range, a, b] [class, text] [but, x, y] [glue].
sub new {
    my ($class, $path) = @_;
    open my $in, '<', $path or die "$path: $!";
    local $/;
    my $text = <$in>;
    $text =~ s/\(\*.*?\*\)//gs;
    my $self = bless {rules => {}, order => []}, $class;
    $self->{text} = $text;
    while ($text =~ /\G\s*([A-Za-z]+)\s*=/gc) {
        my $name = $1;
        push @{$self->{order}}, $name;
        $self->{rules}{$name} = _alt(\$text);
        $text =~ /\G\s*;/gc or die "rule $name: expected ';' at " . pos $text;
    }
    die "text after the last rule" if $text =~ /\G\s*\S/gc;
    return $self;
}

sub _alt {
    my ($t) = @_;
    my @branches = (_seq($t));
    push @branches, _seq($t) while $$t =~ /\G\s*\|/gc;
    return @branches > 1 ? ['alt', @branches] : $branches[0];
}

sub _seq {
    my ($t) = @_;
    my @items;
    while (defined(my $item = _item($t))) {
        $item = ['but', $item, _item($t)] if $$t =~ /\G\s*-(?=\s)/gc;
        push @items, $item;
    }
    return @items == 1 ? $items[0] : ['seq', @items];
}

sub _item {
    my ($t) = @_;
    $$t =~ /\G\s*/gc;
    return ['glue'] if $$t =~ /\G~/gc;
    if ($$t =~ /\G"([^"]*)"/gc || $$t =~ /\G'([^']*)'/gc) {
        my $from = $1;
        return ['range', $from, $1] if $$t =~ /\G\s*\.\.\s*"([^"]*)"/gc;
        return ['lit', $from];
    }
    return ['class', $1] if $$t =~ /\G\?\s*(\[.*?\])\s*\?/gc;
    return ['ref', $1] if $$t =~ /\G([A-Za-z]+)/gc;
    for (['\(', '\)', 'group'], ['\[', '\]', 'opt'], ['\{', '\}', 'rep']) {
        my ($open, $close, $kind) = @$_;
        next unless $$t =~ /\G$open/gc;
        my $body = _alt($t);
        $$t =~ /\G\s*$close/gc or die "expected $close at " . pos $$t;
        return $kind eq 'group' ? $body : [$kind, $body];
    }
    return undef;
}

# The rule as a regular expression: for tokens, which are not recursive.
sub regex {
    my ($self, $x) = @_;
    my ($kind, @rest) = @$x;
    return quotemeta $rest[0] if $kind eq 'lit';
    return $rest[0] if $kind eq 'class';
    return "[$rest[0]-$rest[1]]" if $kind eq 'range';
    return $self->regex($self->{rules}{$rest[0]} // die "no rule $rest[0]")
        if $kind eq 'ref';
    return '(?:' . $self->regex($rest[0]) . ')?' if $kind eq 'opt';
    return '(?:' . $self->regex($rest[0]) . ')*' if $kind eq 'rep';
    return '(?:' . join('|', map { $self->regex($_) } @rest) . ')'
        if $kind eq 'alt';
    return join '', map { $self->regex($_) } @rest if $kind eq 'seq';
    die "$kind in a token";
}

sub is_token { return $_[0] =~ /^[A-Z]+$/ }

# ---- random sentences ------------------------------------------------------

# The least nesting in which each construct can end.
sub _least {
    my ($self, $x, $seen) = @_;
    my ($kind, @rest) = @$x;
    return 0 if $kind =~ /^(lit|class|range|glue|opt|rep)$/;
    if ($kind eq 'ref') {
        return 0 if is_token($rest[0]);
        return $self->{least}{$rest[0]} if defined $self->{least}{$rest[0]};
        return 1000 if $seen->{$rest[0]};
        return 1 + $self->_least($self->{rules}{$rest[0]},
                                 {%$seen, $rest[0] => 1});
    }
    my @all = map { $self->_least($_, $seen) } $kind eq 'but' ? $rest[0] : @rest;
    @all = sort { $a <=> $b } @all;
    return $kind eq 'alt' ? $all[0] : $all[-1] // 0;
}

# The tokens of a random sentence: [rule or undef for a literal, text, glued].
sub derive {
    my ($self, $x, $depth) = @_;
    my ($kind, @rest) = @$x;
    return ['', $rest[0]] if $kind eq 'lit';
    return ['~'] if $kind eq 'glue';
    if ($kind eq 'ref') {
        return [$rest[0], undef] if is_token($rest[0]);
        return $self->derive($self->{rules}{$rest[0]}, $depth - 1);
    }
    if ($kind eq 'but') {
        my ($token) = $self->derive($rest[0], $depth);
        my @not = $rest[1][0] eq 'alt' ? @{$rest[1]}[1 .. $#{$rest[1]}]
                                       : $rest[1];
        return [$token->[0], undef, {map { $_->[1] => 1 } @not}];
    }
    if ($kind eq 'alt') {
        my @can = grep { $self->_least($_, {}) < $depth } @rest;
        my @by = sort { $self->_least($a, {}) <=> $self->_least($b, {}) } @rest;
        return $self->derive(@can ? $can[rand @can] : $by[0], $depth);
    }
    return map { $self->derive($_, $depth) } @rest if $kind eq 'seq';
    return () if $depth <= 0 || $self->_least($rest[0], {}) >= $depth;
    return rand() < 0.4 ? $self->derive($rest[0], $depth) : ()
        if $kind eq 'opt';
    my $n = (0, 0, 0, 1, 1, 2)[rand 6];
    return map { $self->derive($rest[0], $depth) } 1 .. $n;
}

# A token's text.
sub spell {
    my ($self, $x) = @_;
    my ($kind, @rest) = @$x;
    return $rest[0] if $kind eq 'lit';
    return chr(ord($rest[0]) + int rand(1 + ord($rest[1]) - ord $rest[0]))
        if $kind eq 'range';
    if ($kind eq 'class') {
        my @can = grep { /^$rest[0]$/ } split(//, 'azAZ09 _-.,;:#(){}[]"\'$@'),
            "\xC3\xA9", "\xF0\x9F\x9A\x80";
        @can = ('x') unless @can;
        return $can[rand @can];
    }
    return $self->spell($self->{rules}{$rest[0]}) if $kind eq 'ref';
    return $self->spell($rest[rand @rest]) if $kind eq 'alt';
    return join '', map { $self->spell($_) } @rest if $kind eq 'seq';
    return rand() < 0.5 ? $self->spell($rest[0]) : '' if $kind eq 'opt';
    return join '', map { $self->spell($rest[0]) } 1 .. int rand 3;
}

# ---- the recogniser --------------------------------------------------------

# Rules in the form name => [[symbol, …], …]; a symbol is a name of a rule or a
# terminal {token, text, not, glue}.
sub _flatten {
    my ($self) = @_;
    my %flat;
    my $fresh = 0;
    my ($body, $symbols);
    $symbols = sub {
        my ($x) = @_;
        my ($kind, @rest) = @$x;
        if ($kind eq 'lit') {
            return {text => $rest[0]} unless $rest[0] eq '/-';
            return ({text => '/'}, {text => '-', glue => 1});
        }
        return is_token($rest[0]) ? {token => $rest[0]} : $rest[0]
            if $kind eq 'ref';
        if ($kind eq 'but') {
            my ($terminal) = $symbols->($rest[0]);
            my @not = $rest[1][0] eq 'alt' ? @{$rest[1]}[1 .. $#{$rest[1]}]
                                           : $rest[1];
            return {%$terminal, not => {map { $_->[1] => 1 } @not}};
        }
        if ($kind eq 'seq') {
            my @all;
            my $glue = 0;
            for my $item (@rest) {
                if ($item->[0] eq 'glue') { $glue = 1; next }
                my @more = $symbols->($item);
                $more[0] = {%{$more[0]}, glue => 1} if $glue;
                $glue = 0;
                push @all, @more;
            }
            return @all;
        }
        my $name = '#' . ++$fresh;
        if ($kind eq 'alt') {
            $flat{$name} = [map { [$symbols->($_)] } @rest];
        } elsif ($kind eq 'opt') {
            $flat{$name} = [[], [$symbols->($rest[0])]];
        } else {
            $flat{$name} = [[], [$name, $symbols->($rest[0])]];
        }
        return $name;
    };
    for my $name (@{$self->{order}}) {
        last if is_token($name); # from here on, tokens and their parts
        my $x = $self->{rules}{$name};
        $flat{$name} = $x->[0] eq 'alt'
            ? [map { [$symbols->($_)] } @{$x}[1 .. $#$x]] : [[$symbols->($x)]];
    }
    return \%flat;
}

sub _nullable {
    my ($flat) = @_;
    my %null;
    for (my $more = 1; $more;) {
        $more = 0;
        for my $name (keys %$flat) {
            next if $null{$name};
            next unless grep { !grep { ref || !$null{$_} } @$_ } @{$flat->{$name}};
            $null{$name} = $more = 1;
        }
    }
    return \%null;
}

sub _matches {
    my ($terminal, $token) = @_;
    return 0 if $terminal->{glue} && !$token->[2];
    return $token->[1] eq $terminal->{text} && $token->[0] =~ /^(NAME|NL|)$/
        if defined $terminal->{text};
    return 0 if $token->[0] ne $terminal->{token};
    return !($terminal->{not} && $terminal->{not}{$token->[1]});
}

# Whether the tokens [kind, text, glued] are a sentence of the start rule.
# Literals have the kind ''.
sub accepts {
    my ($self, $start, @tokens) = @_;
    my $flat = $self->{flat} //= $self->_flatten;
    my $null = $self->{null} //= _nullable($flat);
    my @sets = ([map { [$start, $_, 0, 0] } @{$flat->{$start}}]);
    for my $i (0 .. @tokens) {
        my (%seen, %predicted, @next, %wanting);
        my $set = $sets[$i] // return 0;
        $seen{join $;, $_->[0], $_->[1], $_->[2], $_->[3]}++ for @$set;
        my $add = sub {
            my $item = [@_];
            push @$set, $item unless $seen{join $;, @$item}++;
        };
        for (my $k = 0; $k < @$set; $k++) {
            my ($name, $rule, $dot, $from) = @{$set->[$k]};
            if ($dot == @$rule) {
                my $origin = $from == $i ? \%wanting : $self->{wanting}[$from];
                $add->($_->[0], $_->[1], $_->[2] + 1, $_->[3])
                    for @{$origin->{$name} // []};
                next;
            }
            my $symbol = $rule->[$dot];
            if (ref $symbol) {
                push @next, [$name, $rule, $dot + 1, $from]
                    if $i < @tokens && _matches($symbol, $tokens[$i]);
                next;
            }
            push @{$wanting{$symbol}}, $set->[$k];
            $add->($name, $rule, $dot + 1, $from) if $null->{$symbol};
            next if $predicted{$symbol}++;
            $add->($symbol, $_, 0, $i) for @{$flat->{$symbol} // die $symbol};
        }
        $self->{wanting}[$i] = \%wanting;
        $self->{furthest} = $i;
        $sets[$i + 1] = \@next if @next;
    }
    return scalar grep {
        $_->[0] eq $start && $_->[2] == @{$_->[1]} && $_->[3] == 0
    } @{$sets[@tokens] // []};
}

1;
