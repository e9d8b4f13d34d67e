package io.faultline.proto;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Decodes frames ({@link FrameWriter}) as they arrive and passes them to a {@link FrameReceiver}.
 * Page data is passed in place, in the pieces in which it was read; only a header that is split
 * over several reads is copied.
 *
 * <p>Memory for one connection is bounded: a header of at most {@link #MAX_HEADER_BYTES} (much less
 * before the hello is accepted), and one read buffer.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
  /** The longest header once the peer is known: device state is sent in one. */
  public static final int MAX_HEADER_BYTES = 16 << 20;

  /** The limit of one read directly to its target address. */
  private static final long MAX_PLACED_BYTES = 1 << 30;

  private FrameReceiver receiver;
  private final HeaderLength headerLength = new HeaderLength();
  private ByteBuf pending = Unpooled.EMPTY_BUFFER;
  private long payloadLeft;

  /** The address of the buffer that {@link #read} decodes; 0 outside of it. */
  private long directAddress;

  private final PausedReads pause = new PausedReads();
  private final Runnable resume = this::resume;
  private @Nullable ChannelHandlerContext context;
  private boolean runsHavePlaces;
  private boolean needsChecksums;
  private boolean closed;
  private Throwable cause = new IOException("the connection was closed by the peer");

  public FrameDecoder(FrameReceiver receiver) {
    this.receiver = receiver;
  }

  /**
   * After the hello: passes all further frames to another receiver, allows longer headers, and
   * requires their checksums.
   */
  public void handOver(FrameReceiver next) {
    receiver = next;
    needsChecksums = true;
    headerLength.allow(MAX_HEADER_BYTES);
  }

  /** The address to read the next bytes to; 0 for any buffer. */
  long place() {
    return closed || payloadLeft == 0 ? 0 : receiver.payloadPlace();
  }

  /**
   * The number of bytes to read next.
   *
   * @param usual the number for data without a target address
   */
  int wantedBytes(long place, int usual) {
    if (place != 0) {
      return (int) Math.min(payloadLeft, MAX_PLACED_BYTES);
    }
    // After a payload with a target address read little more than the next header: another such
    // payload may follow.
    return runsHavePlaces && payloadLeft == 0 ? 2 * FrameWriter.HOT_HEADER_BYTES : usual;
  }

  /** From now on the connection is read bypassing the pipeline. */
  void readBy(DirectReads reads) {
    pause.readBy(reads);
  }

  /** Whether the receiver has paused the connection: nothing may be read. */
  boolean isPaused() {
    return pause.isPaused();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      decodeAll(in);
      if (isPaused() && !closed && in.isReadable()) {
        pause.hold(in.retain());
      }
    } finally {
      in.release();
    }
  }

  /** The receiver goes on: first with what was read before the pause. */
  private void resume() {
    ChannelHandlerContext here = context;
    if (closed || here == null || !isPaused()) {
      return;
    }
    pause.end();
    for (ByteBuf next = pause.first(); next != null; next = pause.first()) {
      decodeAll(next);
      if (closed || isPaused()) {
        return;
      }
      pause.removeFirst();
    }
    pause.readAgain(here.channel());
  }

  /** Passes payload that was read directly to its {@link #place}. */
  void readInPlace(long place, int bytes) {
    try {
      payloadLeft -= bytes;
      receiver.pageData(place, bytes);
      pauseIfAsked();
    } catch (WireException | RuntimeException e) {
      fail(e);
    }
  }

  /** The {@link #place} cannot be written. */
  void placeRefused() {
    receiver.placeRefused();
  }

  /**
   * Decodes bytes that were read bypassing the pipeline. The caller keeps the buffer.
   *
   * @param address of the buffer's memory, so that it is not looked up on each call
   */
  void read(ByteBuf in, long address) {
    directAddress = address;
    try {
      decodeAll(in);
    } finally {
      directAddress = 0;
    }
  }

  private void decodeAll(ByteBuf in) {
    try {
      while (in.isReadable() && !closed && !isPaused()) {
        decode(in);
        pauseIfAsked();
      }
    } catch (WireException | RuntimeException e) {
      fail(e);
    }
  }

  private void pauseIfAsked() {
    if (receiver.pauses(resume) && !closed && context != null) {
      pause.start(context.channel());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readComplete();
  }

  /** Notifies the receiver that all arrived bytes have been decoded. */
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
    fail(thrown instanceof IOException io ? readable(io) : thrown);
  }

  private static IOException readable(IOException thrown) {
    return new IOException(Transport.reason(thrown), thrown);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended();
  }

  private void ended() {
    if (!closed) {
      closed = true;
      pause.drop();
      receiver.closed(cause);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    pending.release();
    pending = Unpooled.EMPTY_BUFFER;
    pause.drop();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /** On the loop: closes the connection, and passes the cause to its receiver. */
  public void close(IOException cause) {
    fail(cause);
  }

  private void fail(Throwable thrown) {
    if (!closed && context != null) {
      cause = thrown;
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
      pending = in.alloc().buffer(in.readableBytes() + HeaderLength.MAX_FIELD_BYTES).writeBytes(in);
    }
  }

  private long address(ByteBuf in) {
    return directAddress != 0 ? directAddress : in.memoryAddress();
  }

  /** Appends the missing bytes to a split header, and no more: payload must not be copied. */
  private void decodePending(ByteBuf in) throws WireException {
    int missing = headerLength.bytesMissing(pending);
    pending.writeBytes(in, Math.min(missing, in.readableBytes()));
    if (headerLength.bytesMissing(pending) == 0) {
      ByteBuf header = pending;
      pending = Unpooled.EMPTY_BUFFER;
      try {
        decodeHeader(header);
      } finally {
        header.release();
      }
    }
  }

  /** Decodes the header at the start of {@code in}; false if it is incomplete. */
  private boolean decodeHeader(ByteBuf in) throws WireException {
    int length = headerLength.read(in);
    if (length < 0 || in.readableBytes() < Varint.size(length) + length) {
      return false;
    }
    in.skipBytes(Varint.size(length));
    int end = in.readerIndex() + length;
    switch (Byte.toUnsignedInt(in.getByte(in.readerIndex()))) {
      case FrameWriter.REQUEST_TAG -> PageHeaderParser.request(in, end, receiver);
      case FrameWriter.PAGES_TAG -> decodePages(in, end);
      default -> {
        runsHavePlaces = false;
        receiver.control(ControlHeaderParser.parse(in, length, needsChecksums));
      }
    }
    in.readerIndex(end);
    return true;
  }

  private void decodePages(ByteBuf in, int end) throws WireException {
    payloadLeft = PageHeaderParser.pages(in, end, receiver);
    runsHavePlaces = payloadLeft > 0 && receiver.payloadPlace() != 0;
  }
}
