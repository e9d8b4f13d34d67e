package io.faultline.proto;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.proto.wire.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames ({@link FrameWriter}) as they arrive and gives them to a {@link FrameReceiver}. Page
 * data is given where the socket left it, in as many pieces as it came in; only a header that is
 * split over two reads is copied together.
 *
 * <p>Memory for one connection is bounded: a header of at most {@link #MAX_HEADER_BYTES} (much less
 * before the hello is through), and one read buffer.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
  /** The longest header once the peer is known: device state travels in one. */
  public static final int MAX_HEADER_BYTES = 16 << 20;

  /** The longest header before that. */
  static final int MAX_HELLO_BYTES = 4096;

  private static final int MAX_LENGTH_BYTES = 4;

  /** The most that one read brings straight to its place. */
  private static final long MAX_PLACED_BYTES = 1 << 30;

  private FrameReceiver receiver;
  private int maxHeaderBytes = MAX_HELLO_BYTES;
  private ByteBuf pending = Unpooled.EMPTY_BUFFER;
  private long payloadLeft;

  /** Of what is being read past the pipeline; else 0. */
  private long direct;

  private @Nullable ChannelHandlerContext context;
  private boolean runsHavePlaces;
  private boolean closed;
  private Throwable cause = new IOException("the connection was closed by the peer");

  public FrameDecoder(FrameReceiver receiver) {
    this.receiver = receiver;
  }

  /** The hello is through: from here on frames go to another receiver, and may be longer. */
  public void handOver(FrameReceiver next) {
    receiver = next;
    maxHeaderBytes = MAX_HEADER_BYTES;
  }

  /** Where the next bytes are best read to; 0 for anywhere. */
  long place() {
    return closed || payloadLeft == 0 ? 0 : receiver.payloadPlace();
  }

  /**
   * How many bytes to read next.
   *
   * @param usual for all that has no place
   */
  int wantedBytes(long place, int usual) {
    if (place != 0) {
      return (int) Math.min(payloadLeft, MAX_PLACED_BYTES);
    }
    // Behind a payload with a place little more than the next header: another may follow.
    return runsHavePlaces && payloadLeft == 0 ? 2 * FrameWriter.HOT_HEADER_BYTES : usual;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      decodeAll(in);
    } finally {
      in.release();
    }
  }

  /** So many bytes of payload were read straight to their {@link #place}. */
  void readInPlace(long place, int bytes) {
    try {
      payloadLeft -= bytes;
      receiver.pageData(place, bytes);
    } catch (WireException | RuntimeException e) {
      fail(e);
    }
  }

  /**
   * What was read past the pipeline; it stays the caller's.
   *
   * @param address of its memory, which such a buffer would have to look up each time
   */
  void read(ByteBuf in, long address) {
    direct = address;
    try {
      decodeAll(in);
    } finally {
      direct = 0;
    }
  }

  private void decodeAll(ByteBuf in) {
    try {
      while (in.isReadable() && !closed) {
        decode(in);
      }
    } catch (WireException | RuntimeException e) {
      fail(e);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readComplete();
  }

  /** All that had arrived has been read. */
  void readComplete() {
    if (!closed) {
      receiver.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!closed) {
      receiver.writabilityChanged();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrown) {
    fail(thrown instanceof IOException io ? toldForAPerson(io) : thrown);
  }

  private static IOException toldForAPerson(IOException thrown) {
    return new IOException(Transport.reason(thrown), thrown);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended();
  }

  private void ended() {
    if (!closed) {
      closed = true;
      receiver.closed(cause);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    pending.release();
    pending = Unpooled.EMPTY_BUFFER;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /** Ends the connection for a reason that its receiver hears; on its loop. */
  public void giveUp(IOException why) {
    fail(why);
  }

  private void fail(Throwable why) {
    if (!closed && context != null) {
      cause = why;
      ended();
      context.close();
    }
  }

  private void decode(ByteBuf in) throws WireException {
    if (payloadLeft > 0) {
      int piece = (int) Math.min(payloadLeft, in.readableBytes());
      payloadLeft -= piece;
      receiver.pageData(address(in) + in.readerIndex(), piece);
      in.skipBytes(piece);
    } else if (pending.isReadable()) {
      decodePending(in);
    } else if (!decodeHeader(in)) {
      pending = in.alloc().buffer(in.readableBytes() + MAX_LENGTH_BYTES).writeBytes(in);
    }
  }

  private long address(ByteBuf in) {
    return direct != 0 ? direct : in.memoryAddress();
  }

  /** Adds to a split header what it lacks, and no more: payload must not be copied. */
  private void decodePending(ByteBuf in) throws WireException {
    int lacking = bytesLacking(pending);
    pending.writeBytes(in, Math.min(lacking, in.readableBytes()));
    if (bytesLacking(pending) == 0) {
      ByteBuf header = pending;
      pending = Unpooled.EMPTY_BUFFER;
      try {
        decodeHeader(header);
      } finally {
        header.release();
      }
    }
  }

  /** Bytes that the header at the start of {@code in} lacks; 1 while its length is not known. */
  private int bytesLacking(ByteBuf in) throws WireException {
    int length = headerLength(in);
    return length < 0 ? 1 : Math.max(0, Varint.size(length) + length - in.readableBytes());
  }

  /** Decodes the header at the start of {@code in}; false where it is not complete. */
  private boolean decodeHeader(ByteBuf in) throws WireException {
    int length = headerLength(in);
    if (length < 0 || in.readableBytes() < Varint.size(length) + length) {
      return false;
    }
    in.skipBytes(Varint.size(length));
    int end = in.readerIndex() + length;
    switch (Byte.toUnsignedInt(in.getByte(in.readerIndex()))) {
      case FrameWriter.REQUEST_TAG -> PageHeaderParser.request(in, end, receiver);
      case FrameWriter.PAGES_TAG -> decodePages(in, end);
      default -> decodeControl(in, length);
    }
    in.readerIndex(end);
    return true;
  }

  /** The header's length, or -1 where it has not arrived whole. */
  private int headerLength(ByteBuf in) throws WireException {
    if (maxHeaderBytes == MAX_HELLO_BYTES) {
      ProtocolDetector.check(in);
    }
    int length = 0;
    for (int i = 0; i < MAX_LENGTH_BYTES; i++) {
      if (i >= in.readableBytes()) {
        return -1;
      }
      byte next = in.getByte(in.readerIndex() + i);
      length |= (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return checkLength(length, i + 1);
      }
    }
    throw new WireException("not a frame: the length of its header has over 4 bytes");
  }

  private int checkLength(int length, int bytes) throws WireException {
    if (length == 0 || length > maxHeaderBytes || bytes != Varint.size(length)) {
      throw new WireException(
          "not a frame: a header of " + length + " bytes (1 to " + maxHeaderBytes + " allowed)");
    }
    return length;
  }

  private void decodeControl(ByteBuf in, int length) throws WireException {
    HeaderChecksum.check(in, in.readerIndex(), in.readerIndex() + length);
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
    runsHavePlaces = false;
    receiver.control(frame);
  }

  private void decodePages(ByteBuf in, int end) throws WireException {
    payloadLeft = PageHeaderParser.pages(in, end, receiver);
    runsHavePlaces = payloadLeft > 0 && receiver.payloadPlace() != 0;
  }
}
