package io.faultline.restore.pageserver;

import io.faultline.proto.NodeEnvironment;
import io.faultline.proto.SocketOptions;
import io.faultline.proto.Transport;
import io.faultline.proto.linux.Descriptors;
import io.faultline.restore.image.ImageDirectory;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * CRIU's page server, in two roles: it receives the pages of {@code criu dump --page-server} and
 * writes images, or it serves the pages of images to {@code criu lazy-pages --page-server}.
 *
 * <p>A receiving server ends with its one session, as CRIU's does. A serving one serves any number
 * of clients at once until it is closed, unless it is to serve one.
 *
 * <p>Everything runs on one event loop. The methods may be called by any thread.
 */
public final class PageServer implements AutoCloseable {
  private static final int READ_BYTES = 256 << 10;
  private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(256 << 10, 1 << 20);

  private final PageServerOptions options;
  private final PageServerListener listener;
  private final IoEventLoop loop;
  private final @Nullable ServedImages images;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private volatile @Nullable Channel acceptor;

  /** The one client has connected. Confined to the loop. */
  private boolean taken;

  private PageServer(
      PageServerOptions options,
      PageServerListener listener,
      IoEventLoop loop,
      @Nullable ServedImages images) {
    this.options = options;
    this.listener = listener;
    this.loop = loop;
    this.images = images;
  }

  /**
   * Starts a server. Reads all images that it serves, or rehearses a session to receive, which
   * takes some tenths of a second.
   *
   * @param environment provides the loop, and ends it
   * @throws IOException if the images cannot be served, or the address not be used
   */
  public static PageServer start(
      PageServerOptions options, NodeEnvironment environment, PageServerListener listener)
      throws IOException {
    if (!options.servesImages()) {
      prepare(options);
      Rehearsal.run(environment);
    }
    return startNow(options, environment, listener);
  }

  /** Starts a server that has not compiled anything yet. */
  static PageServer startNow(
      PageServerOptions options, NodeEnvironment environment, PageServerListener listener)
      throws IOException {
    ServedImages images = null;
    if (options.servesImages()) {
      images = ServedImages.load(options.images());
    }
    PageServer server =
        new PageServer(options, listener, environment.newLoop("page-server"), images);
    if (options.descriptor() >= 0) {
      server.adopt();
    } else {
      server.listen(environment);
    }
    return server;
  }

  private static void prepare(PageServerOptions options) throws IOException {
    Path directory = options.images();
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new PageServerException(
          directory + ": is no directory that can be written: see --images-dir");
    }
    if (options.previousImages() != null) {
      try {
        Files.createSymbolicLink(
            directory.resolve(ImageDirectory.PARENT), Path.of(options.previousImages()));
      } catch (FileAlreadyExistsException e) {
        // of an earlier attempt, or by the dump in the same directory
      }
    }
  }

  private void listen(NodeEnvironment environment) throws IOException {
    InetSocketAddress address = address(options);
    ChannelFuture bound =
        environment
            .server()
            .group(loop, loop)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(256, READ_BYTES / 4, READ_BYTES))
            .childHandler(new Initializer())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new PageServerException(
          "cannot listen on "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " ("
              + Transport.reason(bound.cause())
              + "): see --address and --port",
          bound.cause());
    }
    Channel channel = bound.channel();
    acceptor = channel;
    loop.execute(() -> listener.listening((InetSocketAddress) channel.localAddress()));
  }

  private static InetSocketAddress address(PageServerOptions options) throws IOException {
    String host = options.address();
    try {
      return host == null
          ? new InetSocketAddress(options.port())
          : new InetSocketAddress(
              InetAddress.getByName(host.replaceFirst("^\\[(.*)]$", "$1")), options.port());
    } catch (UnknownHostException e) {
      throw new PageServerException("unknown host \"" + host + "\": see --address", e);
    }
  }

  private void adopt() throws IOException {
    try {
      Descriptors.setNonBlocking(options.descriptor());
      EpollSocketChannel channel = new EpollSocketChannel(options.descriptor());
      channel.pipeline().addLast(new Initializer());
      EventLoopGroup group = loop;
      group.register(channel).syncUninterruptibly();
    } catch (RuntimeException | LinkageError e) {
      throw new PageServerException(
          "socket "
              + options.descriptor()
              + " is not a connected TCP socket ("
              + e.getMessage()
              + "): see --ps-socket",
          e);
    }
  }

  /** The address on which the server listens; null if it adopted a socket. */
  public @Nullable InetSocketAddress address() {
    Channel channel = acceptor;
    return channel == null ? null : (InetSocketAddress) channel.localAddress();
  }

  /**
   * Completed when the server has ended by itself; exceptionally with an {@link IOException} for
   * the user if its only session failed.
   */
  public CompletableFuture<Void> done() {
    return done;
  }

  private void ended(Channel channel, Session session, @Nullable IOException cause) {
    if (options.isSingle()) {
      if (cause == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(cause);
      }
    } else if (cause != null) {
      listener.sessionFailed(channel.remoteAddress() + ": " + cause.getMessage());
    } else if (session instanceof ServingSession serving) {
      listener.served((InetSocketAddress) channel.remoteAddress(), serving.pagesSent());
    }
  }

  /** Ends the server and all sessions. The loop is the environment's. */
  @Override
  public void close() {
    Channel channel = acceptor;
    if (channel != null) {
      channel.close().awaitUninterruptibly();
    }
    ServedImages served = images;
    if (served != null) {
      loop.execute(served::close);
    }
  }

  /** Sets up a connection. */
  private final class Initializer extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) throws IOException {
      if (options.isSingle() && channel.parent() != null) {
        if (taken) {
          Resets.reset(channel);
          return;
        }
        taken = true;
        channel.parent().close(); // as CRIU's: one client
      }
      Transport.setUserTimeout(channel, options.silenceSeconds() * 1000);
      SocketOptions.set(channel, ChannelOption.ALLOW_HALF_CLOSURE, false);
      if (options.tls() != null) {
        options.tls().addServer(channel, options.address());
      }
      ServedImages served = images;
      if (served == null) {
        add(channel, new ReceivingSession(options.images()));
      } else {
        ServingSession session = new ServingSession(served);
        channel.pipeline().addLast(new SilentClients(session, options.silenceSeconds()));
        add(channel, session);
      }
    }

    private void add(Channel channel, Session session) {
      channel
          .pipeline()
          .addLast(new CommandDecoder(session, cause -> ended(channel, session, cause)));
    }
  }
}
