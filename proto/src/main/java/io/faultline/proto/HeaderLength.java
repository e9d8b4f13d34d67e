package io.faultline.proto;

import io.netty.buffer.ByteBuf;

/**
 * The length field of a header, a varint of at most 4 bytes, and its limit: small until the hello
 * of the peer is accepted. Confined to the connection's loop.
 */
final class HeaderLength {
  /** The longest header before the hello is accepted. */
  static final int MAX_HELLO_BYTES = 4096;

  /** The most bytes of the field itself. */
  static final int MAX_FIELD_BYTES = 4;

  private int maxBytes = MAX_HELLO_BYTES;

  /** The hello is accepted: allows longer headers. */
  void allow(int bytes) {
    maxBytes = bytes;
  }

  /** The length of the header at the reader index, or -1 if the field is incomplete. */
  int read(ByteBuf in) throws WireException {
    if (maxBytes == MAX_HELLO_BYTES) {
      ProtocolDetector.check(in);
    }
    int length = 0;
    for (int i = 0; i < MAX_FIELD_BYTES; i++) {
      if (i >= in.readableBytes()) {
        return -1;
      }
      byte next = in.getByte(in.readerIndex() + i);
      length |= (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return check(length, i + 1);
      }
    }
    throw new WireException("not a frame: the length of its header takes more than 4 bytes");
  }

  private int check(int length, int bytes) throws WireException {
    if (length == 0 || length > maxBytes || bytes != Varint.size(length)) {
      throw new WireException(
          "not a frame: a header of " + length + " bytes (1 to " + maxBytes + " allowed)");
    }
    return length;
  }

  /** How many bytes of a header are missing; 1 while its length is unknown. */
  int bytesMissing(ByteBuf in) throws WireException {
    int length = read(in);
    return length < 0 ? 1 : Math.max(0, Varint.size(length) + length - in.readableBytes());
  }
}
