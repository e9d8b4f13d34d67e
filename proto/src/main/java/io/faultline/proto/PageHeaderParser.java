package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.PageRequest;
import io.faultline.proto.wire.PageRun;
import io.netty.buffer.ByteBuf;

/**
 * Parses the two hot headers, which {@link FrameWriter} writes by hand, without creating a Protocol
 * Buffers message. The buffer is positioned at the header's first byte, and contains the header up
 * to {@code end}.
 */
final class PageHeaderParser {
  private PageHeaderParser() {}

  /** Parses a page request. */
  static void request(ByteBuf in, int end, FrameReceiver to) throws WireException {
    openBody(in, end);
    long region = 0;
    long page = 0;
    long count = 0;
    while (in.readerIndex() < end) {
      int field = fieldNumber(in, end);
      long value = Varint.read(in, end);
      switch (field) {
        case PageRequest.REGION_FIELD_NUMBER -> region = value;
        case PageRequest.PAGE_FIELD_NUMBER -> page = value;
        case PageRequest.COUNT_FIELD_NUMBER -> count = value;
        default -> throw new WireException("a page request with an unknown field " + field);
      }
    }
    if (count == 0) {
      to.request(toInt("region", region), page);
    } else {
      to.request(toInt("region", region), page, toInt("count", count));
    }
  }

  /** Parses the header of a run of pages; returns the length of the payload that follows. */
  static long pages(ByteBuf in, int end, FrameReceiver to) throws WireException {
    openBody(in, end);
    long region = 0;
    long firstPage = 0;
    long count = 0;
    long encoding = 0;
    long payload = 0;
    long checksum = 0;
    while (in.readerIndex() < end) {
      int field = fieldNumber(in, end);
      long value = Varint.read(in, end);
      switch (field) {
        case PageRun.REGION_FIELD_NUMBER -> region = value;
        case PageRun.FIRST_PAGE_FIELD_NUMBER -> firstPage = value;
        case PageRun.COUNT_FIELD_NUMBER -> count = value;
        case PageRun.ENCODING_FIELD_NUMBER -> encoding = value;
        case PageRun.PAYLOAD_BYTES_FIELD_NUMBER -> payload = value;
        case PageRun.CHECKSUM_FIELD_NUMBER -> checksum = value;
        default -> throw new WireException("a run of pages with an unknown field " + field);
      }
    }
    if (payload < 0) {
      throw new WireException("a run of pages with " + payload + " bytes of payload");
    }
    Encoding known = Encoding.forNumber(toInt("encoding", encoding));
    if (known == null) {
      throw new WireException("a run of pages in the unknown encoding " + encoding);
    }
    if (checksum >>> Integer.SIZE != 0) {
      throw new WireException("a run of pages with a checksum of over 32 bits");
    }
    to.pages(
        toInt("region", region), firstPage, toInt("count", count), known, payload, (int) checksum);
    return payload;
  }

  /** Skips the tag and the length of the frame's only field, which must fill the header. */
  private static void openBody(ByteBuf in, int end) throws WireException {
    in.skipBytes(1);
    long body = Varint.read(in, end);
    if (body != end - in.readerIndex()) {
      throw new WireException("a frame whose body of " + body + " bytes does not fill its header");
    }
  }

  private static int fieldNumber(ByteBuf in, int end) throws WireException {
    long tag = Varint.read(in, end);
    if ((tag & 7) != 0) {
      throw new WireException("a field of an unexpected wire type, tag " + tag);
    }
    return toInt("field", tag >>> 3);
  }

  private static int toInt(String what, long value) throws WireException {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new WireException("a " + what + " of " + value);
    }
    return (int) value;
  }
}
