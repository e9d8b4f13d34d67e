package io.faultline.snapshot.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** The data of a snapshot on its way to the file. Confined to the thread that writes. */
sealed interface DataSection extends AutoCloseable permits PlainData, CompressedData {
  /** Appends data, which may change afterwards. */
  void append(MemorySegment data) throws IOException;

  /** Writes what is left. Nothing is appended afterwards. */
  void finish() throws IOException;

  /** The bytes that the data takes in the file. */
  long storedBytes();

  /** The stored size of each 64 KiB of data; empty if it is stored as it is. */
  int[] storedSizes();

  @Override
  void close();
}
