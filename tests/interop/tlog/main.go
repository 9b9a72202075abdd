// Judges Merkle proofs by Go's own sumdb code: one JSON object a line on stdin, "ok" or "refused" a line on stdout.
//
//	{"kind":"inclusion","index":0,"size":1,"leaf":"<hex>","root":"<hex>","path":["<hex>"]}
//	{"kind":"consistency","first":1,"size":2,"firstRoot":"<hex>","root":"<hex>","path":["<hex>"]}
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

type probe struct {
	Kind                  string
	Index, First, Size    int64
	Leaf, FirstRoot, Root string
	Path                  []string
}

func hash(text string) (h tlog.Hash, err error) {
	bytes, err := hex.DecodeString(text)
	if err == nil && len(bytes) != len(h) {
		err = fmt.Errorf("%d bytes", len(bytes))
	}
	copy(h[:], bytes)
	return h, err
}

func check(p probe) error {
	root, err := hash(p.Root)
	if err != nil {
		return err
	}
	var path []tlog.Hash
	for _, text := range p.Path {
		h, err := hash(text)
		if err != nil {
			return err
		}
		path = append(path, h)
	}
	if p.Kind == "inclusion" {
		leaf, err := hash(p.Leaf)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(path, p.Size, root, p.Index, leaf)
	}
	first, err := hash(p.FirstRoot)
	if err != nil {
		return err
	}
	return tlog.CheckTree(path, p.Size, root, p.First, first)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p probe
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if check(p) == nil {
			fmt.Println("ok")
		} else {
			fmt.Println("refused")
		}
	}
}
