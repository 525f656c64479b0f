package er

// Deep is deep <&> "quoted" é.
func Deep() {}
