package io.faultline.cli.simulation;

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
 * A channel over a simulated socket. It reads, writes, fills up and fails as Netty's channels over
 * TCP do, in pieces that chance cuts.
 */
final class SimulatedChannel extends AbstractChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  private final SimulatedProcess process;
  private final Network network;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private @Nullable Socket socket;
  private boolean readWanted;
  private boolean readDue;
  private boolean writeWaits;
  private boolean closed;

  /** Of a client, not connected yet. */
  SimulatedChannel(SimulatedProcess process, Network network) {
    super(null);
    this.process = process;
    this.network = network;
  }

  /** Of a connection that came in. */
  SimulatedChannel(Channel parent, SimulatedProcess process, Network network, Socket socket) {
    super(parent);
    this.process = process;
    this.network = network;
    this.socket = socket;
    socket.attach(this);
  }

  // The network's side ------------------------------------------------------------------------

  /** Something can be read: data, an end or an error. */
  void readable() {
    if (readWanted && !readDue && isRegistered()) {
      readDue = true;
      onThisLoop(this::read0);
    }
  }

  /** There is room to write again. */
  void writable() {
    if (writeWaits && isRegistered()) {
      writeWaits = false;
      onThisLoop(() -> ((SimulatedUnsafe) unsafe()).writeOut());
    }
  }

  /** Has the loop do something, unless it has left the loop by then. */
  private void onThisLoop(Runnable what) {
    eventLoop()
        .execute(
            () -> {
              if (isRegistered() && eventLoop().inEventLoop()) {
                what.run();
              }
            });
  }

  private void read0() {
    readDue = false;
    Socket from = socket;
    if (!readWanted || closed || from == null) {
      return;
    }
    readWanted = false;
    var sizes = unsafe().recvBufAllocHandle();
    sizes.reset(config);
    boolean ended = false;
    try {
      do {
        ByteBuf buffer = sizes.allocate(config.getAllocator());
        int read = from.read(buffer);
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

  // Netty's side ------------------------------------------------------------------------------

  @Override
  protected void doBeginRead() {
    readWanted = true;
    if (socket != null && socket.isReadable()) {
      readable();
    }
  }

  @Override
  protected void doDeregister() {
    readWanted = false;
    readDue = false;
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws Exception {
    Socket to = Objects.requireNonNull(socket, "not connected");
    while (in.current() instanceof ByteBuf buffer) {
      if (!buffer.isReadable()) {
        in.remove();
        continue;
      }
      int room = to.room();
      if (room <= 0) {
        writeWaits = true;
        return;
      }
      byte[] bytes = new byte[Math.min(room, buffer.readableBytes())];
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
    throw new UnsupportedOperationException("a client needs no address of its own");
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
          new Network.Connecting() {
            @Override
            public void connected(Socket made) {
              onLoop(() -> finish(made, promise));
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

    private void finish(Socket made, ChannelPromise promise) {
      if (closed) {
        made.close();
        return;
      }
      socket = made;
      made.attach(SimulatedChannel.this);
      promise.trySuccess();
      pipeline().fireChannelActive();
    }

    void writeOut() {
      super.flush0();
    }

    @Override
    protected void flush0() {
      if (!writeWaits) { // as Netty does while it waits for room
        super.flush0();
      }
    }
  }
}
