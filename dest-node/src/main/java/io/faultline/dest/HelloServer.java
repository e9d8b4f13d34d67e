package io.faultline.dest;

import io.faultline.proto.Capability;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReads;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Failure;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Sees one incoming connection's hello through. Strangers are turned away, and touch nothing: until
 * its hello is accepted, a connection has a header of 4 KiB and ten seconds.
 */
final class HelloServer implements FrameReceiver {
  private static final long HELLO_TIMEOUT_SECONDS = 10;

  private final Channel channel;
  private final Reception reception;
  private final FrameDecoder decoder = new FrameDecoder(this);
  private final ScheduledFuture<?> timeout;

  /** Decides about hellos; called on the connection's loop. */
  interface Reception {
    /**
     * Takes a connection in: moves it to the loop of its role, with {@code decoder} handing its
     * frames to a new receiver, and then answers the hello.
     *
     * @throws WireException where it is refused
     */
    void accept(Channel channel, FrameDecoder decoder, Hello hello) throws WireException;

    /** A connection was turned away before it was accepted. */
    void turnedAway(Channel channel, Throwable why);
  }

  private HelloServer(Channel channel, Reception reception) {
    this.channel = channel;
    this.reception = reception;
    this.timeout =
        channel.eventLoop().schedule(this::tooLate, HELLO_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  /** For a server: waits for the hello of each new connection, read so many bytes at a time. */
  static ChannelHandler handler(Reception reception, int readBytes) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        FrameDecoder decoder = new HelloServer(channel, reception).decoder;
        FrameReads.install(channel, decoder, readBytes);
        channel.pipeline().addLast(decoder);
      }
    };
  }

  /**
   * Answers an accepted hello with what can be done here.
   *
   * @param silenceMillis after how much silence this side takes the source for gone; 0 for never
   */
  static void answer(Channel channel, Hello hello, int silenceMillis) {
    Frame answer = Hellos.answer(hello, Capability.ofThisMachine(), silenceMillis);
    channel.writeAndFlush(FrameWriter.frame(channel.alloc(), answer));
  }

  @Override
  public void control(Frame frame) throws WireException {
    Hello hello = Hellos.checkHello(frame);
    timeout.cancel(false);
    reception.accept(channel, decoder, hello);
  }

  @Override
  public void closed(Throwable cause) {
    timeout.cancel(false);
    if (channel.isActive()) {
      refuse(String.valueOf(cause.getMessage()));
    }
    reception.turnedAway(channel, cause);
  }

  private void tooLate() {
    if (channel.isActive()) {
      String why = "no hello within " + HELLO_TIMEOUT_SECONDS + " s";
      channel.pipeline().fireExceptionCaught(new IOException(why));
    }
  }

  /** Tells the other side, if it speaks our language at all, why it is not welcome. */
  private void refuse(String why) {
    Frame frame = Frame.newBuilder().setFailure(Failure.newBuilder().setMessage(why)).build();
    channel
        .writeAndFlush(FrameWriter.frame(channel.alloc(), frame))
        .addListener(ChannelFutureListener.CLOSE);
  }
}
