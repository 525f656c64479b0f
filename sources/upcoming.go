package sources

// upcoming is the next file of a corpus, which is opened on another goroutine
// while the end of the one before is read.
type upcoming struct {
	ready chan struct{} // nil: nothing was begun
	file  *opened
	err   error
}

// begin opens a file, unless one waits to be taken.
func (u *upcoming) begin(open func() (*opened, error)) {
	if u.ready != nil {
		return
	}
	ready := make(chan struct{})
	u.ready = ready
	go func() {
		defer close(ready)
		u.file, u.err = open()
	}()
}

// take returns the file that was begun, or opens one.
func (u *upcoming) take(open func() (*opened, error)) (*opened, error) {
	if u.ready == nil {
		return open()
	}
	<-u.ready
	file, err := u.file, u.err
	*u = upcoming{}
	return file, err
}

// drop closes a file that nobody took.
func (u *upcoming) drop() {
	if u.ready == nil {
		return
	}
	<-u.ready
	if u.file != nil {
		_ = u.file.close() // it was not read
	}
}
