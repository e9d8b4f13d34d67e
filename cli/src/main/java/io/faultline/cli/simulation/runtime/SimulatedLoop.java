package io.faultline.cli.simulation.runtime;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of a simulated process. Each task is an event of the simulator, executed a random
 * time after it was submitted, so that loops interleave as threads do. A task is never interrupted.
 */
public final class SimulatedLoop extends AbstractScheduledEventExecutor implements IoEventLoop {
  private static final int MAX_DELAY_NANOS = 20_000;
  private static final int MAX_LATE_DELAY_NANOS = 2_000_000;
  private static final int LATE_ONE_IN = 60;

  private final SimulatedProcess process;
  private final Simulator simulator;
  private final String name;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Promise<?> termination = new DefaultPromise<>(this);
  private final Ticker ticker = new VirtualTicker();
  private boolean scheduled;
  private boolean immediate;
  private long alarmNanos = Long.MAX_VALUE;

  public SimulatedLoop(SimulatedProcess process, String name) {
    this.process = process;
    this.simulator = process.simulator();
    this.name = name;
  }

  SimulatedProcess process() {
    return process;
  }

  /** Number of tasks in the queue. */
  public int pendingTaskCount() {
    return tasks.size();
  }

  /** Executes a task immediately, together with the tasks that it submits to this loop. */
  public void runNow(Runnable task) {
    immediate = true;
    try {
      simulator.on(this, task);
    } finally {
      immediate = false;
    }
  }

  @Override
  public void execute(Runnable task) {
    if (immediate) {
      simulator.on(this, task);
      return;
    }
    tasks.add(task);
    wake();
  }

  private void wake() {
    if (!scheduled) {
      scheduled = true;
      boolean late = simulator.oneIn(LATE_ONE_IN);
      simulator.after(
          1 + simulator.random().nextInt(late ? MAX_LATE_DELAY_NANOS : MAX_DELAY_NANOS),
          this::turn);
    }
  }

  private void turn() {
    if (!process.isAlive()) {
      return;
    }
    long stopped = process.stoppedForNanos();
    if (stopped > 0) {
      simulator.after(stopped, this::turn);
      return;
    }
    scheduled = false;
    simulator.on(this, this::runOne);
    rearm();
  }

  private void runOne() {
    Runnable timed = pollScheduledTask(simulator.nowNanos());
    Runnable task = timed != null ? timed : tasks.poll();
    if (task != null) {
      task.run();
    }
  }

  private void rearm() {
    if (!tasks.isEmpty()) {
      wake();
      return;
    }
    long next = nextScheduledTaskDeadlineNanos();
    if (next < 0) {
      return;
    }
    long wait = next - simulator.nowNanos();
    if (wait <= 0) {
      wake();
    } else if (next < alarmNanos) {
      alarmNanos = next;
      simulator.after(wait, () -> alarm(next));
    }
  }

  private void alarm(long nanos) {
    if (nanos == alarmNanos) {
      alarmNanos = Long.MAX_VALUE;
      wake();
    }
  }

  /**
   * Executes the queued tasks and then this one before it returns: callers block until the loop has
   * reached their task, and there is no second thread that could get it there.
   */
  @Override
  public Future<?> submit(Runnable task) {
    simulator.on(
        this,
        () -> {
          for (Runnable before = tasks.poll(); before != null; before = tasks.poll()) {
            before.run();
          }
          task.run();
        });
    return newSucceededFuture(null);
  }

  @Override
  public boolean inEventLoop() {
    return simulator.current() == this;
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return inEventLoop();
  }

  @Override
  public Ticker ticker() {
    return ticker;
  }

  @Override
  public IoEventLoopGroup parent() {
    return this;
  }

  @Override
  public IoEventLoop next() {
    return this;
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel) {
    return register(new DefaultChannelPromise(channel, this));
  }

  @Override
  @Deprecated
  public ChannelFuture register(ChannelPromise promise) {
    promise.channel().unsafe().register(this, promise);
    return promise;
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    channel.unsafe().register(this, promise);
    return promise;
  }

  @Override
  public Future<IoRegistration> register(IoHandle handle) {
    return newFailedFuture(
        new UnsupportedOperationException("simulated loops have no file descriptors"));
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> type) {
    return false;
  }

  @Override
  public boolean isIoType(Class<? extends IoHandler> type) {
    return false;
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    return newSucceededFuture(null);
  }

  @Override
  @Deprecated
  public void shutdown() {
    // the simulated process ends, and no task of it is executed any more
  }

  @Override
  public Future<?> terminationFuture() {
    return termination;
  }

  @Override
  public boolean isShuttingDown() {
    return false;
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, @Nullable TimeUnit unit) {
    return Objects.nonNull(unit) && !process.isAlive();
  }

  @Override
  public String toString() {
    return process.name() + " " + name;
  }

  private final class VirtualTicker implements Ticker {
    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return simulator.nowNanos();
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("a simulated thread cannot sleep");
    }
  }
}
