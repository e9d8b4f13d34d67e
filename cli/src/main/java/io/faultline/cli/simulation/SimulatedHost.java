package io.faultline.cli.simulation;

import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a simulated process has of the world. */
final class SimulatedHost implements NodeEnvironment {
  private final SimulatedProcess process;
  private final Network network;
  private final CountingAllocator allocator;
  private final List<SimulatedLoop> loops = new ArrayList<>();

  SimulatedHost(SimulatedProcess process, Network network, BufferPool stock) {
    this.process = process;
    this.network = network;
    allocator = new CountingAllocator(stock);
  }

  SimulatedProcess process() {
    return process;
  }

  CountingAllocator allocator() {
    return allocator;
  }

  List<SimulatedLoop> loops() {
    return loops;
  }

  /** The loop that has this in its name. */
  SimulatedLoop loop(String part) {
    return loops.stream().filter(loop -> loop.toString().endsWith(part)).findFirst().orElseThrow();
  }

  /** Closes all connections, as a system does for a process that is gone. */
  void closeAll() {
    for (Socket socket : process.sockets()) {
      socket.closeChannel();
    }
  }

  @Override
  public IoEventLoop newLoop(String threadName, LoopPoll poll) {
    SimulatedLoop loop = new SimulatedLoop(process, threadName);
    loops.add(loop);
    return loop;
  }

  @Override
  public Bootstrap client() {
    return new Bootstrap()
        .disableResolver()
        .channelFactory(() -> new SimulatedChannel(process, network))
        .option(ChannelOption.ALLOCATOR, allocator);
  }

  @Override
  public ServerBootstrap server() {
    return new ServerBootstrap()
        .channelFactory(() -> new SimulatedServerChannel(process, network))
        .childOption(ChannelOption.ALLOCATOR, allocator);
  }

  @Override
  public long nanoTime() {
    return process.world().nowNanos();
  }

  @Override
  public RandomGenerator random() {
    return process.world().random();
  }

  @Override
  public void close() {
    // its process ends, and nothing runs on the loops any more
  }
}
