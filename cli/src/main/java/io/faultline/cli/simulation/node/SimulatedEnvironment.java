package io.faultline.cli.simulation.node;

import io.faultline.cli.simulation.network.Network;
import io.faultline.cli.simulation.network.SimulatedChannel;
import io.faultline.cli.simulation.network.SimulatedServerChannel;
import io.faultline.cli.simulation.runtime.BufferPool;
import io.faultline.cli.simulation.runtime.CountingAllocator;
import io.faultline.cli.simulation.runtime.SimulatedLoop;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.faultline.proto.LoopPoll;
import io.faultline.proto.NodeEnvironment;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The environment of a simulated node: its event loops and channels, virtual time and the random
 * source of the simulator.
 */
public final class SimulatedEnvironment implements NodeEnvironment {
  private final SimulatedProcess process;
  private final Network network;
  private final CountingAllocator allocator;
  private final List<SimulatedLoop> loops = new ArrayList<>();

  public SimulatedEnvironment(SimulatedProcess process, Network network, BufferPool pool) {
    this.process = process;
    this.network = network;
    allocator = new CountingAllocator(pool);
  }

  public SimulatedProcess process() {
    return process;
  }

  public CountingAllocator allocator() {
    return allocator;
  }

  public List<SimulatedLoop> loops() {
    return loops;
  }

  /** The loop whose name ends with {@code suffix}. */
  SimulatedLoop loop(String suffix) {
    return loops.stream()
        .filter(loop -> loop.toString().endsWith(suffix))
        .findFirst()
        .orElseThrow();
  }

  /** Closes all sockets, as the kernel does for a process that has ended. */
  void closeAll() {
    for (SimulatedProcess.OpenSocket socket : process.sockets()) {
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
    return process.simulator().nowNanos();
  }

  @Override
  public RandomGenerator random() {
    return process.simulator().random();
  }

  @Override
  public void close() {
    // the simulated process ends, and no task of its loops is executed any more
  }
}
