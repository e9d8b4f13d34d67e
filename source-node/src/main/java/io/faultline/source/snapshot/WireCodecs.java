package io.faultline.source.snapshot;

import io.faultline.paging.store.BlockCodec;
import io.faultline.proto.compression.PageCodec;
import io.faultline.proto.wire.Encoding;
import io.faultline.snapshot.file.DataEncoding;
import io.faultline.snapshot.file.SnapshotCodecs;
import io.faultline.snapshot.file.SnapshotException;

/** The codecs of the wire, for snapshots. */
public final class WireCodecs implements SnapshotCodecs {
  @Override
  public BlockCodec open(DataEncoding encoding) {
    Encoding wire =
        switch (encoding) {
          case PLAIN -> throw new IllegalArgumentException("no codec for " + encoding);
          case LZ4 -> Encoding.ENCODING_LZ4;
          case ZSTD -> Encoding.ENCODING_ZSTD;
        };
    if (!PageCodec.isAvailable(wire)) {
      throw new SnapshotException(
          "this machine has no library for " + encoding + ": use lz4, which needs none");
    }
    return new PageBlockCodec(wire);
  }
}
