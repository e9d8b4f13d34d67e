package io.faultline.proto;

import io.faultline.proto.linux.TimeSlice;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The event loops of one node, one thread each, and the set-up of its channels: with epoll if
 * available, else NIO. Closing ends the loops and closes all channels.
 */
public final class Transport implements NodeEnvironment {
  /** TCP treats a silent peer as gone after this time. */
  private static final int SILENCE_SECONDS = 10;

  private static final int SHUTDOWN_SECONDS = 5;

  private final SecureRandom random = new SecureRandom();
  private final boolean epoll = Epoll.isAvailable();
  private final List<MultiThreadIoEventLoopGroup> groups = new ArrayList<>();

  /** The system's error message, without the call and the error number that epoll prepends. */
  public static String reason(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.replaceFirst("^.*failed with error\\(-\\d+\\): ", "");
  }

  /**
   * Describes for the user why a connection ended: "was lost" for a failure of the network, else
   * the error itself.
   *
   * @param connection its name, with article
   */
  public static String closeReason(String connection, Throwable cause) {
    return switch (cause) {
      case IOException lost -> connection + " was lost: " + lost.getMessage();
      case WireException refused -> String.valueOf(refused.getMessage());
      case IllegalStateException broken -> String.valueOf(broken.getMessage());
      default -> cause.toString();
    };
  }

  /**
   * Whether new connections may continue the migration after this failure: the network failed, or
   * the peer violated the protocol. Otherwise this side is broken.
   */
  public static boolean isRecoverable(Throwable cause) {
    return cause instanceof IOException || cause instanceof WireException;
  }

  /**
   * Sets the time after which TCP closes a connection whose peer does not acknowledge sent data
   * (TCP_USER_TIMEOUT, tcp(7)). Without epoll the system's default stays.
   *
   * @param millis 0 for the time that every connection has at first
   */
  public static void setUserTimeout(Channel channel, int millis) {
    if (channel instanceof EpollSocketChannel) {
      int timeout = millis == 0 ? SILENCE_SECONDS * 1000 : millis;
      SocketOptions.set(channel, EpollChannelOption.TCP_USER_TIMEOUT, timeout);
    }
  }

  /** Describes for the user why epoll is not available; empty if it is. */
  public static String epollProblem() {
    Throwable cause = Epoll.unavailabilityCause();
    return cause == null ? "" : String.valueOf(cause.getMessage());
  }

  @Override
  public synchronized IoEventLoop newLoop(String threadName, LoopPoll poll) {
    IoHandlerFactory factory =
        epoll ? EpollIoHandler.newFactory(0, poll::strategy) : NioIoHandler.newFactory();
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, threadFactory(threadName), factory) {
          @Override
          protected IoEventLoop newChild(
              Executor executor, IoHandlerFactory handlers, Object... none) {
            return new ChannelClosingLoop(this, executor, handlers);
          }
        };
    groups.add(group);
    return group.next();
  }

  @Override
  public void schedule(IoEventLoop loop, TimeSlice slice) {
    if (epoll) { // Linux
      loop.execute(
          () -> {
            var _ = slice.set(); // it works without, too
          });
    }
  }

  /** Uses the name without a number: Linux cuts thread names after 15 characters. */
  private static ThreadFactory threadFactory(String name) {
    return new DefaultThreadFactory(name, true) {
      @Override
      protected Thread newThread(Runnable task, String numbered) {
        return super.newThread(task, name);
      }
    };
  }

  /**
   * Runs tasks on a loop after pending I/O, so that work in slices, each of which submits the next,
   * does not keep the loop from reading. A loop's own {@code execute} runs tasks submitted by tasks
   * immediately, for up to a second.
   */
  public static Executor afterIo(IoEventLoop loop) {
    return task -> {
      var _ = loop.schedule(task, 0, TimeUnit.NANOSECONDS);
    };
  }

  @Override
  public Bootstrap client() {
    Bootstrap bootstrap =
        new Bootstrap()
            .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000);
    if (epoll) {
      silenceOptions().forEach(bootstrap::option);
    }
    return bootstrap;
  }

  @Override
  public ServerBootstrap server() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true);
    if (epoll) {
      silenceOptions().forEach(bootstrap::childOption);
    }
    return bootstrap;
  }

  /** The options of epoll that detect a silent peer, with data in flight or without. */
  private static Map<ChannelOption<Integer>, Integer> silenceOptions() {
    return Map.of(
        EpollChannelOption.TCP_USER_TIMEOUT,
        SILENCE_SECONDS * 1000,
        EpollChannelOption.TCP_KEEPIDLE,
        SILENCE_SECONDS / 2,
        EpollChannelOption.TCP_KEEPINTVL,
        1,
        EpollChannelOption.TCP_KEEPCNT,
        SILENCE_SECONDS / 2);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  /**
   * Ends all loops and waits for their threads.
   *
   * @throws IllegalStateException if a loop still runs after some seconds: then the memory that it
   *     works on, such as guest memory, must not be freed
   */
  @Override
  public synchronized void close() {
    for (MultiThreadIoEventLoopGroup group : groups) {
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    }
    for (MultiThreadIoEventLoopGroup group : groups) {
      if (!group.terminationFuture().awaitUninterruptibly(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "an event loop still runs " + SHUTDOWN_SECONDS + " s after it was shut down");
      }
    }
    groups.clear();
  }
}
