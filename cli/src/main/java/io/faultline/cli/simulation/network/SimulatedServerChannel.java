package io.faultline.cli.simulation.network;

import io.faultline.cli.simulation.runtime.SimulatedLoop;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Listens on an address of the simulated network. */
public final class SimulatedServerChannel extends AbstractServerChannel {
  private final SimulatedProcess process;
  private final Network network;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private @Nullable SocketAddress bound;
  private boolean closed;

  public SimulatedServerChannel(SimulatedProcess process, Network network) {
    this.process = process;
    this.network = network;
  }

  SimulatedProcess process() {
    return process;
  }

  /** Accepts a new connection. */
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
    // every connection is accepted immediately
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
