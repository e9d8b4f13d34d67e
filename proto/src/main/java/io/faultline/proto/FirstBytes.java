package io.faultline.proto;

import io.netty.buffer.ByteBuf;

/** Tells what a peer speaks that does not speak as this node does. */
final class FirstBytes {
  /** Of a TLS handshake record, RFC 8446, section 5.1. No hello is as short as 22 bytes. */
  private static final int TLS_HANDSHAKE = 22;

  private static final int TLS_MAJOR_VERSION = 3;

  private FirstBytes() {}

  /** Refuses TLS, where a hello is due. */
  static void check(ByteBuf in) throws WireException {
    if (in.isReadable(2)
        && in.getByte(in.readerIndex()) == TLS_HANDSHAKE
        && in.getByte(in.readerIndex() + 1) == TLS_MAJOR_VERSION) {
      throw new WireException(
          "the peer speaks TLS, and this node was not told to: give both ends --tls, or neither");
    }
  }
}
