// Package sqlite keeps an index in one SQLite file and searches it exactly.
// It is the index that needs nothing but a disk.
//
// # The file
//
// An SQLite 3 database (https://sqlite.org/fileformat2.html) whose header has
// application id 0x7665636c ("vecl") and, as user version, the version of the
// layout, 5:
//
//	meta      key, value          "created_by" and "created_at" say who made the file, and when;
//	                              "lease" who writes to it now, as JSON, and "finished" whether
//	                              the last run ended in good order ("true")
//	vectors   id, name            the vectors of the index, such as "text" and "image"
//	          space               the stamp of each, as JSON
//	          filed               up to which row ids_N has the points
//	          next                the number of the next row; none is given twice
//	points_1  row                   the number of the row, which stays with the point
//	          id      16 bytes      the UUID of the point
//	          made    32 bytes      what it was made from: two digests, of what was embedded and of
//	                                the rest
//	          chunk, chunks         the chunk's place, how many the document has
//	          vec     4 × dim bytes float32, little endian, of length 1
//	          doc                   the document's id
//	          text                  the chunk
//	          payload               a JSON object
//	keys_1    row, id, made, chunks those of the points, which a later run asks for
//	ids_1     id, row               the index of the ids, of rows up to filed
//	sparse_1  row                   that of the point
//	          point   16 bytes      the id of the point
//	          weights 8 × n bytes   the sparse vector: n indices, rising, as uint32, then their n
//	                                values as float32, little endian
//	points    vector, id, vec, …    a view of all points, with the names of their vectors
//
// Each vector has tables of its points, points_N, keys_N and ids_N, where N is
// its id, and if its space says so one of its sparse vectors, sparse_N, which
// has no row for an empty one. A file of layout 4, which had indexes of points_N
// in place of keys_N, ids_N, filed and next, is read and written as it is; what
// it costs to write grows with it. Files of earlier layouts are refused: layout
// 1 had one vector without a name, layout 2 did not say what points were made
// from, and layout 3 had no sparse vectors.
//
// Any SQLite tool may read the file, also during a run, and may delete points
// and change all of their columns but row and id. Only vecload adds points.
//
// # Adding points
//
// Ids are hashes: whoever keeps an index of them in order changes another page
// of it for each point, which is more to write than the point is. So points are
// added behind the last one, to points_N and keys_N, and their ids go into
// ids_N later, many at once and in order. Until then a handle that writes, or
// that is asked for points by their ids, has them in memory, up to about
// 260,000 of 24 bytes each, which it reads from keys_N when it begins. So the
// cost of a point hardly grows with the file, and a file is whole at any time:
// searches need no id.
//
// # Durability
//
// The file is in WAL mode with synchronous=FULL: every Write is one
// transaction whose log is flushed to the disk before Write returns. What was
// written survives the death of the process and the loss of power, as far as
// the disk keeps its promise to flush. The mode needs memory that is shared
// by the processes on the file, so the file belongs on a local disk and not
// on a network file system (https://sqlite.org/wal.html).
//
// # More than one process
//
// Any number of processes may search while one writes. A second writer waits
// for the first one's transaction; when that takes longer than
// [Options.LockWait] it gives up with an error of class Transient that says
// the file is in use.
//
// Runs take turns by a lease (see [Index.Acquire]), a row of meta that the run
// renews. A handle whose lease was taken over changes no point any more: each
// change looks for the lease in its own transaction.
//
// # Publishing
//
// [Publisher] builds files beside the one that readers use, and renames them
// into its place.
//
// # Search
//
// Every search reads all points of its vector and none of another one, in
// parallel, and holds the best hits only: its memory does not grow with the
// index, and the hits are exact. That is fine up to about a million points.
//
// A search by words reads all sparse vectors of its vector, twice: to count
// the points that hold each word, and then, where there are any, to score
// them. Deleted and replaced points count no more.
package sqlite
