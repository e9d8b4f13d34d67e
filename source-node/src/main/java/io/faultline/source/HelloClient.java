package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.proto.Capability;
import io.faultline.proto.FrameDecoder;
import io.faultline.proto.FrameReceiver;
import io.faultline.proto.FrameWriter;
import io.faultline.proto.Hellos;
import io.faultline.proto.NodeHost;
import io.faultline.proto.RefusedException;
import io.faultline.proto.ShortQueue;
import io.faultline.proto.Transport;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.Role;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Opens connections of one attempt to the destination and sees their hellos through. */
final class HelloClient {
  private static final long HELLO_TIMEOUT_SECONDS = 10;

  /** Of urgent pages, with room for what is brought along behind them. */
  private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(512 << 10, 2 << 20);

  private final NodeHost host;
  private final InetSocketAddress destination;
  private final ByteString migrationId;
  private final Set<Capability> asked;
  private final int attempt;
  private final int silenceMillis;

  /** What came of a hello: a connection, and the answer. */
  record Answered(Channel channel, Hello hello) {}

  /**
   * @param asked what the source can and would do
   * @param attempt what hellos tell, as the silence
   */
  HelloClient(
      NodeHost host,
      InetSocketAddress destination,
      ByteString migrationId,
      Set<Capability> asked,
      int attempt,
      int silenceMillis) {
    this.host = host;
    this.destination = destination;
    this.migrationId = migrationId;
    this.asked = Set.copyOf(asked);
    this.attempt = attempt;
    this.silenceMillis = silenceMillis;
  }

  /**
   * Connects for a role, on a loop; from the answer on, frames go to {@code receiver}.
   *
   * @return the connection, or an {@link IOException} with a message for a person
   */
  CompletableFuture<Answered> connect(Role role, EventLoop loop, FrameReceiver receiver) {
    CompletableFuture<Answered> result = new CompletableFuture<>();
    Frame hello = Hellos.hello(role, migrationId, asked, attempt, silenceMillis);
    AnswerReceiver answer = new AnswerReceiver(hello, receiver, result);
    ChannelFuture connecting =
        host.client()
            .group(loop)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    answer.attach(channel);
                  }
                })
            .connect(destination);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            answer.start();
          } else {
            result.completeExceptionally(cannotConnect(done.cause()));
          }
        });
    return result;
  }

  private IOException cannotConnect(Throwable cause) {
    return new IOException(
        "cannot connect to the destination " + name() + ": " + reason(cause), cause);
  }

  /** What the system said, without the call before it and the address behind it. */
  private static String reason(Throwable cause) {
    String message = Transport.reason(cause);
    int address = message.indexOf(": ");
    return address < 0 ? message : message.substring(0, address);
  }

  private String name() {
    return destination.getHostString() + ":" + destination.getPort();
  }

  /** Waits for the answer to the hello. */
  private final class AnswerReceiver implements FrameReceiver {
    private final Frame hello;
    private final FrameDecoder decoder;
    private final FrameReceiver next;
    private final CompletableFuture<Answered> result;
    private @Nullable Channel channel;

    AnswerReceiver(Frame hello, FrameReceiver next, CompletableFuture<Answered> result) {
      this.hello = hello;
      this.next = next;
      this.result = result;
      this.decoder = new FrameDecoder(this);
    }

    void attach(Channel newChannel) {
      channel = newChannel;
      newChannel.pipeline().addLast(decoder);
    }

    void start() {
      Channel connected = connected();
      if (hello.getHello().getRole() == Role.ROLE_BULK) {
        ShortQueue.atSender(connected);
      }
      connected.writeAndFlush(FrameWriter.frame(connected.alloc(), hello));
      connected
          .eventLoop()
          .schedule(
              () -> fail(new IOException("no hello within " + HELLO_TIMEOUT_SECONDS + " s")),
              HELLO_TIMEOUT_SECONDS,
              TimeUnit.SECONDS);
    }

    @Override
    public void control(Frame frame) throws WireException {
      Hello answer = Hellos.checkAnswer(frame, hello);
      decoder.handOver(next);
      result.complete(new Answered(connected(), answer));
    }

    @Override
    public void closed(Throwable cause) {
      fail(cause);
    }

    private void fail(Throwable cause) {
      String what =
          cause instanceof RefusedException
              ? " refused: "
              : " does not answer as a Faultline destination: ";
      String why = name() + what + cause.getMessage();
      if (result.completeExceptionally(new IOException(why, cause))) {
        connected().close();
      }
    }

    private Channel connected() {
      return Objects.requireNonNull(channel, "not connected");
    }
  }
}
