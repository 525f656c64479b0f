package vectors

// pooler reads the vectors of one text's tokens and makes one of them.
type pooler struct {
	*scanner
	pooling Pooling
	wrapped bool // the tokens lie in a list of one element
	tokens  []float32
	sums    []float64
}

// text appends the pooled vector of a text to dst; a text without tokens adds
// nothing.
func (p *pooler) text(dst []float32) ([]float32, error) {
	if !p.wrapped {
		return p.pool(dst)
	}
	count := 0
	err := p.list(func() error {
		count++
		if count > 1 {
			return fatal("the server answered with more than one list of token vectors for a text")
		}
		var err error
		dst, err = p.pool(dst)
		return err
	})
	return dst, err
}

func (p *pooler) pool(dst []float32) ([]float32, error) {
	dim, count := 0, 0
	p.tokens = p.tokens[:0]
	err := p.list(func() error {
		start := len(p.tokens)
		var err error
		if p.tokens, err = p.numbers(p.tokens); err != nil {
			return err
		}
		row := len(p.tokens) - start
		if count > 0 && row != dim {
			return fatal("the server answered with token vectors of different lengths: one has %d numbers, another %d", dim, row)
		}
		dim = row
		count++
		return nil
	})
	if err != nil || count == 0 || dim == 0 {
		return dst, err
	}
	if p.pooling == CLS {
		return append(dst, p.tokens[:dim]...), nil
	}
	return p.mean(dst, dim, count), nil
}

// mean appends the mean of the tokens, summed in float64.
func (p *pooler) mean(dst []float32, dim, count int) []float32 {
	p.sums = append(p.sums[:0], make([]float64, dim)...)
	for t := range count {
		for i, f := range p.tokens[t*dim : (t+1)*dim] {
			p.sums[i] += float64(f)
		}
	}
	for _, sum := range p.sums {
		dst = append(dst, float32(sum/float64(count)))
	}
	return dst
}
