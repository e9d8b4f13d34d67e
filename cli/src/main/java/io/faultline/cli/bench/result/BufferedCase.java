package io.faultline.cli.bench.result;

/**
 * A case that has a buffer for a part of its memory: a point of a plot by the size of the buffer.
 */
public interface BufferedCase extends BenchCase {
  /** What pages the memory, human-readable; the same for all sizes. */
  String systemTitle();

  long bufferBytes();
}
