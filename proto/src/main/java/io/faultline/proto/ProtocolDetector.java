package io.faultline.proto;

import io.faultline.proto.security.MutualTls;
import io.netty.buffer.ByteBuf;

/** Recognizes a peer that speaks another protocol than this node. */
final class ProtocolDetector {
  private static final int TLS_MAJOR_VERSION = 3;

  private ProtocolDetector() {}

  /** Refuses TLS in place of a hello. */
  static void check(ByteBuf in) throws WireException {
    if (in.isReadable(2)
        && MutualTls.mayBegin(in.getByte(in.readerIndex()))
        && in.getByte(in.readerIndex() + 1) == TLS_MAJOR_VERSION) {
      throw new WireException(
          "the peer speaks TLS, but this node does not: set --tls on both nodes or on neither");
    }
  }
}
