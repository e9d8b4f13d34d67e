package io.faultline.proto;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;

/** Parses the headers that {@link PageHeaderParser} does not: whole frames without page data. */
final class ControlHeaderParser {
  private ControlHeaderParser() {}

  /**
   * Checks and parses the header at the reader index.
   *
   * @param length of the header, in bytes, all of them readable
   * @param needsChecksum whether a header without a checksum is refused
   */
  static Frame parse(ByteBuf in, int length, boolean needsChecksum) throws WireException {
    HeaderChecksum.check(in, in.readerIndex(), in.readerIndex() + length, needsChecksum);
    Frame frame;
    try {
      frame = Frame.parseFrom(in.nioBuffer(in.readerIndex(), length));
    } catch (InvalidProtocolBufferException e) {
      throw new WireException("not a frame: " + e.getMessage(), e);
    }
    if (frame.getBodyCase() == Frame.BodyCase.BODY_NOT_SET
        || frame.hasRequest()
        || frame.hasPages()) {
      throw new WireException("a frame of an unknown kind");
    }
    return frame;
  }
}
