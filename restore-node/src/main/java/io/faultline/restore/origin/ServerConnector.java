package io.faultline.restore.origin;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.Transport;
import io.faultline.proto.linux.Descriptors;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a page server: one attempt for each address of its name, since a dump accepts one
 * connection and then no other. Or adopts a socket that is connected. Confined to the session's
 * event loop.
 */
final class ServerConnector {
  private final PageServerSettings settings;
  private final NodeEnvironment environment;
  private final IoEventLoop loop;
  private final ChannelHandler handler;
  private final Consumer<String> failed;
  private @Nullable Channel channel;
  private boolean cancelled;

  /**
   * @param handler for the channel; it is notified when the channel is active
   * @param failed accepts why no connection is possible
   */
  ServerConnector(
      PageServerSettings settings,
      NodeEnvironment environment,
      IoEventLoop loop,
      ChannelHandler handler,
      Consumer<String> failed) {
    this.settings = settings;
    this.environment = environment;
    this.loop = loop;
    this.handler = handler;
    this.failed = failed;
  }

  /**
   * Connects.
   *
   * @param connected the descriptor of a connected socket to adopt instead; -1 for none
   */
  void start(int connected) {
    if (connected >= 0) {
      adopt(connected);
    } else {
      Thread.ofVirtual().name("page server's name").start(this::resolve);
    }
  }

  /** Ends an attempt. */
  void cancel() {
    cancelled = true;
    if (channel != null) {
      ServerConnection.reset(channel);
    }
  }

  /** A lookup may take seconds, in which the loop serves faults. */
  private void resolve() {
    Runnable next;
    try {
      String host = settings.host().replaceFirst("^\\[(.*)]$", "$1");
      Deque<InetAddress> addresses = new ArrayDeque<>(List.of(InetAddress.getAllByName(host)));
      next = () -> connect(addresses, "");
    } catch (UnknownHostException e) {
      next = () -> failed.accept("unknown host \"" + settings.host() + "\": check --address");
    }
    try {
      loop.execute(next);
    } catch (RejectedExecutionException e) {
      // the session has ended meanwhile, and its loop
    }
  }

  private void connect(Deque<InetAddress> addresses, String reason) {
    if (cancelled) {
      return;
    }
    InetAddress address = addresses.poll();
    if (address == null) {
      failed.accept(
          "cannot connect ("
              + reason
              + "): check --address and --port, and that the dump waits for its only connection");
      return;
    }
    Bootstrap bootstrap =
        environment
            .client()
            .group(loop)
            .option(ChannelOption.SO_LINGER, ServerConnection.RESET)
            .handler(initializer());
    ChannelFuture connecting = bootstrap.connect(new InetSocketAddress(address, settings.port()));
    channel = connecting.channel();
    connecting.addListener(
        result -> {
          if (!result.isSuccess()) {
            connect(addresses, Transport.reason(result.cause()));
          }
        });
  }

  private void adopt(int connected) {
    try {
      Descriptors.setNonBlocking(connected);
      EpollSocketChannel adopted = new EpollSocketChannel(connected);
      if (!adopted.isActive()) { // it would never be ready
        adopted.unsafe().closeForcibly();
        throw new IllegalStateException("the connection has failed");
      }
      channel = adopted;
      adopted.config().setSoLinger(ServerConnection.RESET).setTcpNoDelay(true);
      adopted.pipeline().addLast(initializer());
      EventLoopGroup group = loop;
      group.register(adopted);
    } catch (RuntimeException | LinkageError e) {
      failed.accept("is not a connected TCP socket (" + e.getMessage() + "): check --ps-socket");
    }
  }

  private ChannelHandler initializer() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel made) throws IOException {
        if (settings.tls() != null) {
          settings.tls().addClient(made, settings.host(), settings.port());
        }
        made.pipeline().addLast(handler);
      }
    };
  }
}
