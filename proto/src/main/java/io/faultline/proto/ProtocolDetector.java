package io.faultline.proto;

import io.faultline.proto.security.MutualTls;
import io.netty.buffer.ByteBuf;

/** Tells what a peer speaks that does not speak as this node does. */
final class ProtocolDetector {
  private static final int TLS_MAJOR_VERSION = 3;

  private ProtocolDetector() {}

  /** Refuses TLS, where a hello is due. */
  static void check(ByteBuf in) throws WireException {
    if (in.isReadable(2)
        && MutualTls.mayBegin(in.getByte(in.readerIndex()))
        && in.getByte(in.readerIndex() + 1) == TLS_MAJOR_VERSION) {
      throw new WireException(
          "the peer speaks TLS, and this node was not told to: give both ends --tls, or neither");
    }
  }
}
