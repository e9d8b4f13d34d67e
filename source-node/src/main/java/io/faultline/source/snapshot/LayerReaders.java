package io.faultline.source.snapshot;

import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotReader;
import org.jspecify.annotations.Nullable;

/** The readers of a snapshot and its bases, each opened when it is needed, for one thread. */
final class LayerReaders implements AutoCloseable {
  private final SnapshotFile file;
  private final @Nullable SnapshotReader[] readers;

  LayerReaders(SnapshotFile file) {
    this.file = file;
    readers = new SnapshotReader[file.layers().size()];
  }

  /** The reader of one of {@link SnapshotFile#layers}. */
  SnapshotReader of(int layer) {
    SnapshotReader reader = readers[layer];
    if (reader == null) {
      reader = new SnapshotReader(file.layers().get(layer), new WireCodecs());
      readers[layer] = reader;
    }
    return reader;
  }

  @Override
  public void close() {
    for (SnapshotReader reader : readers) {
      if (reader != null) {
        reader.close();
      }
    }
  }
}
