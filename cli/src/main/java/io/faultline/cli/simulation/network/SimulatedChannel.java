package io.faultline.cli.simulation.network;

import io.faultline.cli.simulation.runtime.SimulatedLoop;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A channel over a simulated socket. It reads, writes, blocks and fails like Netty's channels over
 * TCP, in segments of random size.
 */
public final class SimulatedChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final SimulatedProcess process;
  private final Network network;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private @Nullable Socket socket;
  private boolean readRequested;
  private boolean readScheduled;
  private boolean writeBlocked;
  private boolean closed;

  /** A client's channel, not connected yet. */
  public SimulatedChannel(SimulatedProcess process, Network network) {
    super(null);
    this.process = process;
    this.network = network;
  }

  /** A server's channel over an accepted connection. */
  public SimulatedChannel(
      Channel parent, SimulatedProcess process, Network network, Socket socket) {
    super(parent);
    this.process = process;
    this.network = network;
    this.socket = socket;
    socket.attach(this);
  }

  // Called by the network ---------------------------------------------------------------------

  /** There is something to read: data, the end of the stream or an error. */
  void readable() {
    if (readRequested && !readScheduled && isRegistered()) {
      readScheduled = true;
      executeIfRegistered(this::read0);
    }
  }

  /** The window has opened again. */
  void writable() {
    if (writeBlocked && isRegistered()) {
      writeBlocked = false;
      executeIfRegistered(() -> ((SimulatedUnsafe) unsafe()).writeOut());
    }
  }

  /** Submits a task to the loop; it is skipped if the channel has been deregistered by then. */
  private void executeIfRegistered(Runnable task) {
    eventLoop()
        .execute(
            () -> {
              if (isRegistered() && eventLoop().inEventLoop()) {
                task.run();
              }
            });
  }

  private void read0() {
    readScheduled = false;
    Socket from = socket;
    if (!readRequested || closed || from == null) {
      return;
    }
    readRequested = false;
    var sizes = unsafe().recvBufAllocHandle();
    sizes.reset(config);
    boolean ended = false;
    try {
      do {
        ByteBuf buffer = sizes.allocate(config.getAllocator());
        int read = read(from, buffer);
        sizes.attemptedBytesRead(Math.max(1, buffer.writableBytes()));
        sizes.lastBytesRead(read);
        if (read <= 0) {
          buffer.release();
          ended = read < 0;
          break;
        }
        sizes.incMessagesRead(1);
        pipeline().fireChannelRead(buffer);
      } while (!closed && isRegistered() && sizes.continueReading());
      sizes.readComplete();
      pipeline().fireChannelReadComplete();
    } catch (IOException e) {
      sizes.readComplete();
      pipeline().fireChannelReadComplete();
      pipeline().fireExceptionCaught(e);
      ended = true;
    }
    if (ended) {
      unsafe().close(voidPromise());
    } else if (from.isReadable()) {
      readable();
    }
  }

  private static int read(Socket from, ByteBuf buffer) throws IOException {
    try {
      return from.read(buffer);
    } catch (IOException e) { // the connection was reset
      buffer.release();
      throw e;
    }
  }

  // Called by Netty ---------------------------------------------------------------------------

  @Override
  protected void doBeginRead() {
    readRequested = true;
    if (socket != null && socket.isReadable()) {
      readable();
    }
  }

  @Override
  protected void doDeregister() {
    readRequested = false;
    readScheduled = false;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws Exception {
    Socket to = Objects.requireNonNull(socket, "not connected");
    while (in.current() instanceof ByteBuf buffer) {
      if (!buffer.isReadable()) {
        in.remove();
        continue;
      }
      int writable = to.writableBytes();
      if (writable <= 0) {
        writeBlocked = true;
        return;
      }
      byte[] bytes = new byte[Math.min(writable, buffer.readableBytes())];
      buffer.getBytes(buffer.readerIndex(), bytes);
      in.removeBytes(bytes.length);
      to.write(bytes);
    }
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new SimulatedUnsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof SimulatedLoop;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return socket == null ? null : socket.localAddress();
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return socket == null ? null : socket.peer().localAddress();
  }

  @Override
  protected void doBind(SocketAddress address) {
    throw new UnsupportedOperationException("simulated clients have no local address to bind");
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doClose() {
    closed = true;
    if (socket != null) {
      socket.close();
    }
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public boolean isActive() {
    return socket != null && !closed;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  private final class SimulatedUnsafe extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress remote, @Nullable SocketAddress local, ChannelPromise promise) {
      network.connect(
          process,
          remote,
          new Network.ConnectListener() {
            @Override
            public void connected(Socket connected) {
              onLoop(() -> finish(connected, promise));
            }

            @Override
            public void failed(IOException why) {
              onLoop(() -> promise.tryFailure(why));
            }
          });
    }

    private void onLoop(Runnable task) {
      eventLoop().execute(task);
    }

    private void finish(Socket connected, ChannelPromise promise) {
      if (closed) {
        connected.close();
        return;
      }
      socket = connected;
      connected.attach(SimulatedChannel.this);
      promise.trySuccess();
      pipeline().fireChannelActive();
    }

    void writeOut() {
      super.flush0();
    }

    @Override
    protected void flush0() {
      if (!writeBlocked) { // Netty's own channels skip flushes while they wait for writability
        super.flush0();
      }
    }
  }
}
