package io.faultline.proto;

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
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The event loops of one node, each one thread, and how its channels are made: epoll where it is
 * there, else NIO. Closing ends the loops.
 */
public final class Transport implements NodeEnvironment {
  /** A silent peer is taken for dead after this, when data is under way to it or none comes. */
  private static final int SILENCE_SECONDS = 10;

  private static final int END_SECONDS = 5;

  private final SecureRandom random = new SecureRandom();
  private final boolean epoll = Epoll.isAvailable();
  private final List<MultiThreadIoEventLoopGroup> groups = new ArrayList<>();

  /** What the system said, for a person: without the call and the number that epoll puts before. */
  public static String reason(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.replaceFirst("^.*failed with error\\(-\\d+\\): ", "");
  }

  /**
   * Why a connection is gone, for a person: what went wrong at either end is told as it is, and
   * only what the network did is a connection that was lost.
   *
   * @param connection its name, with the article
   */
  public static String whyGone(String connection, Throwable cause) {
    return switch (cause) {
      case IOException lost -> connection + " was lost: " + lost.getMessage();
      case WireException refused -> String.valueOf(refused.getMessage());
      case IllegalStateException broken -> String.valueOf(broken.getMessage());
      default -> cause.toString();
    };
  }

  /**
   * Whether connections made anew may go on where this one ended: the network failed, or the peer
   * broke a rule. Else something broke on this side.
   */
  public static boolean isPassing(Throwable cause) {
    return cause instanceof IOException || cause instanceof WireException;
  }

  /**
   * Gives a connection up once the peer has not taken what was sent for so long (TCP_USER_TIMEOUT,
   * tcp(7)), where the transport has that; else as TCP does by itself.
   *
   * @param millis 0 for as it is
   */
  public static void giveUpAfter(Channel channel, int millis) {
    if (millis > 0 && channel instanceof EpollSocketChannel) {
      SocketOptions.set(channel, EpollChannelOption.TCP_USER_TIMEOUT, millis);
    }
  }

  /** Why there is no epoll, for a person; empty where there is. */
  public static String epollProblem() {
    Throwable cause = Epoll.unavailabilityCause();
    return cause == null ? "" : String.valueOf(cause.getMessage());
  }

  @Override
  public synchronized IoEventLoop newLoop(String threadName, LoopPoll poll) {
    IoHandlerFactory factory =
        epoll ? EpollIoHandler.newFactory(0, poll::strategy) : NioIoHandler.newFactory();
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, called(threadName), factory);
    groups.add(group);
    return group.next();
  }

  /** Exactly so: a number behind the name is what Linux, with its 15 characters, would cut off. */
  private static ThreadFactory called(String name) {
    return new DefaultThreadFactory(name, true) {
      @Override
      protected Thread newThread(Runnable task, String numbered) {
        return super.newThread(task, name);
      }
    };
  }

  /**
   * Runs tasks on a loop behind what its connections bring by then, so that work in slices, each of
   * which asks for the next, does not keep the loop from reading. A loop's own {@code execute} runs
   * tasks that come from tasks at once, for up to a second.
   */
  public static Executor behindIo(IoEventLoop loop) {
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
      bootstrap
          .option(EpollChannelOption.TCP_USER_TIMEOUT, SILENCE_SECONDS * 1000)
          .option(EpollChannelOption.TCP_KEEPIDLE, SILENCE_SECONDS / 2)
          .option(EpollChannelOption.TCP_KEEPINTVL, 1)
          .option(EpollChannelOption.TCP_KEEPCNT, SILENCE_SECONDS / 2);
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
      bootstrap
          .childOption(EpollChannelOption.TCP_USER_TIMEOUT, SILENCE_SECONDS * 1000)
          .childOption(EpollChannelOption.TCP_KEEPIDLE, SILENCE_SECONDS / 2)
          .childOption(EpollChannelOption.TCP_KEEPINTVL, 1)
          .childOption(EpollChannelOption.TCP_KEEPCNT, SILENCE_SECONDS / 2);
    }
    return bootstrap;
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
   * @throws IllegalStateException where one goes on after some seconds: what it works on, guest
   *     memory for one, must stay as it is
   */
  @Override
  public synchronized void close() {
    for (MultiThreadIoEventLoopGroup group : groups) {
      group.shutdownGracefully(0, 2, TimeUnit.SECONDS);
    }
    for (MultiThreadIoEventLoopGroup group : groups) {
      if (!group.terminationFuture().awaitUninterruptibly(END_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "an event loop goes on " + END_SECONDS + " s after its end");
      }
    }
    groups.clear();
  }
}
