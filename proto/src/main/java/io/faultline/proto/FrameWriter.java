package io.faultline.proto;

import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageRequest;
import io.faultline.proto.wire.PageRun;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes frames:
 *
 * <pre>
 *  +------------------+------------------------+----------------------------+
 *  | varint: length   | header: one Frame      | payload: raw page data,    |
 *  | of the header    | (Protocol Buffers)     | pages.payload_bytes long   |
 *  +------------------+------------------------+----------------------------+
 * </pre>
 *
 * <p>The two hot headers, {@code request} and {@code pages}, are written by hand, byte for byte as
 * the generated code would, and allocate nothing.
 */
public final class FrameWriter {
  /** The maximum size of a hot header, its length included. */
  public static final int HOT_HEADER_BYTES = 48;

  static final int REQUEST_TAG = (Frame.REQUEST_FIELD_NUMBER << 3) | 2;
  static final int PAGES_TAG = (Frame.PAGES_FIELD_NUMBER << 3) | 2;

  private FrameWriter() {}

  /** A frame without payload, with its checksum, in a new buffer. */
  public static ByteBuf frame(ByteBufAllocator allocator, Frame frame) {
    int bytes = frame.getSerializedSize() + HeaderChecksum.BYTES;
    ByteBuf out = allocator.directBuffer(Varint.size(bytes) + bytes);
    Varint.write(out, bytes);
    try {
      int header = out.writerIndex();
      frame.writeTo(new ByteBufOutputStream(out));
      HeaderChecksum.append(out, header);
    } catch (IOException e) {
      out.release();
      throw new UncheckedIOException(e);
    }
    return out;
  }

  /** Appends a request for a page. */
  public static void request(ByteBuf out, int region, long page) {
    request(out, region, page, 0);
  }

  /**
   * Appends a request for pages of a frozen process.
   *
   * @param count 0 for the request of a single page of a VM
   */
  public static void request(ByteBuf out, int region, long firstPage, int count) {
    int body =
        fieldSize(PageRequest.REGION_FIELD_NUMBER, region)
            + fieldSize(PageRequest.PAGE_FIELD_NUMBER, firstPage)
            + fieldSize(PageRequest.COUNT_FIELD_NUMBER, count);
    open(out, REQUEST_TAG, body);
    field(out, PageRequest.REGION_FIELD_NUMBER, region);
    field(out, PageRequest.PAGE_FIELD_NUMBER, firstPage);
    field(out, PageRequest.COUNT_FIELD_NUMBER, count);
  }

  /** Appends the header of a run of pages without a checksum; the caller appends the payload. */
  public static void pages(
      ByteBuf out, int region, long firstPage, int count, Encoding encoding, long payloadBytes) {
    pages(out, region, firstPage, count, encoding, payloadBytes, 0);
  }

  /** Appends the header of a run of pages; the caller appends the payload. */
  public static void pages(
      ByteBuf out,
      int region,
      long firstPage,
      int count,
      Encoding encoding,
      long payloadBytes,
      int checksum) {
    long sum = Integer.toUnsignedLong(checksum);
    open(out, PAGES_TAG, pagesBody(region, firstPage, count, encoding, payloadBytes, sum));
    field(out, PageRun.REGION_FIELD_NUMBER, region);
    field(out, PageRun.FIRST_PAGE_FIELD_NUMBER, firstPage);
    field(out, PageRun.COUNT_FIELD_NUMBER, count);
    field(out, PageRun.ENCODING_FIELD_NUMBER, encoding.getNumber());
    field(out, PageRun.PAYLOAD_BYTES_FIELD_NUMBER, payloadBytes);
    field(out, PageRun.CHECKSUM_FIELD_NUMBER, sum);
  }

  /**
   * Prepends the header of a run of pages to its payload, which starts at {@link #HOT_HEADER_BYTES}
   * and ends at the writer index. Sets the reader index to the start of the header.
   */
  public static void prependPages(
      ByteBuf out, int region, long firstPage, int count, Encoding encoding, int checksum) {
    int end = out.writerIndex();
    int payload = end - HOT_HEADER_BYTES;
    long sum = Integer.toUnsignedLong(checksum);
    int body = pagesBody(region, firstPage, count, encoding, payload, sum);
    int header = Varint.size(PAGES_TAG) + Varint.size(body) + body;
    int start = HOT_HEADER_BYTES - header - Varint.size(header);
    out.setIndex(start, start);
    pages(out, region, firstPage, count, encoding, payload, checksum);
    out.writerIndex(end);
  }

  private static int pagesBody(
      int region, long firstPage, int count, Encoding encoding, long payloadBytes, long sum) {
    return fieldSize(PageRun.REGION_FIELD_NUMBER, region)
        + fieldSize(PageRun.FIRST_PAGE_FIELD_NUMBER, firstPage)
        + fieldSize(PageRun.COUNT_FIELD_NUMBER, count)
        + fieldSize(PageRun.ENCODING_FIELD_NUMBER, encoding.getNumber())
        + fieldSize(PageRun.PAYLOAD_BYTES_FIELD_NUMBER, payloadBytes)
        + fieldSize(PageRun.CHECKSUM_FIELD_NUMBER, sum);
  }

  private static void open(ByteBuf out, int tag, int body) {
    Varint.write(out, Varint.size(tag) + Varint.size(body) + body);
    Varint.write(out, tag);
    Varint.write(out, body);
  }

  /** Writes a field; as in proto3, zero is left out. */
  private static void field(ByteBuf out, int number, long value) {
    if (value != 0) {
      Varint.write(out, number << 3);
      Varint.write(out, value);
    }
  }

  private static int fieldSize(int number, long value) {
    return value == 0 ? 0 : Varint.size(number << 3) + Varint.size(value);
  }
}
