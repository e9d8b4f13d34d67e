package io.faultline.cli.simulation;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Listens at an address of the simulated network. */
final class SimulatedServerChannel extends AbstractServerChannel {
  private final SimulatedProcess process;
  private final Network network;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private @Nullable SocketAddress bound;
  private boolean closed;

  SimulatedServerChannel(SimulatedProcess process, Network network) {
    this.process = process;
    this.network = network;
  }

  SimulatedProcess process() {
    return process;
  }

  /** A connection has come in. */
  void accept(Socket socket) {
    eventLoop()
        .execute(
            () -> {
              pipeline().fireChannelRead(new SimulatedChannel(this, process, network, socket));
              pipeline().fireChannelReadComplete();
            });
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof SimulatedLoop;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return bound;
  }

  @Override
  protected void doBind(SocketAddress address) {
    bound = address;
    network.listen(address, this);
  }

  @Override
  protected void doClose() {
    closed = true;
  }

  @Override
  protected void doBeginRead() {
    // connections are accepted as they come
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
    return bound != null && !closed;
  }
}
