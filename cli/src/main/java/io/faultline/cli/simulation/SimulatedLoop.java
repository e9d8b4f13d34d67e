package io.faultline.cli.simulation;

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
 * An event loop of a simulated process. Each task is an event of the world, a random while after it
 * was asked for, so that loops overtake each other as threads do; a task is never cut in two.
 */
final class SimulatedLoop extends AbstractScheduledEventExecutor implements IoEventLoop {
  private static final int USUAL_NANOS = 20_000;
  private static final int LATE_NANOS = 2_000_000;
  private static final int LATE_ONE_IN = 60;

  private final SimulatedProcess process;
  private final World world;
  private final String name;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final Promise<?> termination = new DefaultPromise<>(this);
  private final Ticker ticker = new WorldTicker();
  private boolean due;
  private boolean atOnce;
  private long alarmNanos = Long.MAX_VALUE;

  SimulatedLoop(SimulatedProcess process, String name) {
    this.process = process;
    this.world = process.world();
    this.name = name;
  }

  SimulatedProcess process() {
    return process;
  }

  /** Tasks that wait. */
  int backlog() {
    return tasks.size();
  }

  /** Runs something on this loop's thread now, and all that it asks the loop for. */
  void runNow(Runnable what) {
    atOnce = true;
    try {
      world.on(this, what);
    } finally {
      atOnce = false;
    }
  }

  @Override
  public void execute(Runnable task) {
    if (atOnce) {
      world.on(this, task);
      return;
    }
    tasks.add(task);
    wake();
  }

  private void wake() {
    if (!due) {
      due = true;
      boolean late = world.oneIn(LATE_ONE_IN);
      world.after(1 + world.random().nextInt(late ? LATE_NANOS : USUAL_NANOS), this::turn);
    }
  }

  private void turn() {
    if (!process.isAlive()) {
      return;
    }
    long stopped = process.stoppedForNanos();
    if (stopped > 0) {
      world.after(stopped, this::turn);
      return;
    }
    due = false;
    world.on(this, this::runOne);
    rearm();
  }

  private void runOne() {
    Runnable timed = pollScheduledTask(world.nowNanos());
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
    long wait = next - world.nowNanos();
    if (wait <= 0) {
      wake();
    } else if (next < alarmNanos) {
      alarmNanos = next;
      world.after(wait, () -> alarm(next));
    }
  }

  private void alarm(long of) {
    if (of == alarmNanos) {
      alarmNanos = Long.MAX_VALUE;
      wake();
    }
  }

  /**
   * For who waits for the loop to come this far: it gets there while that thread sleeps, which is
   * here.
   */
  @Override
  public Future<?> submit(Runnable task) {
    world.on(
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
    return world.current() == this;
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
    return newFailedFuture(new UnsupportedOperationException("no descriptors here"));
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
    // its process ends, and nothing runs on it any more
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

  private final class WorldTicker implements Ticker {
    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return world.nowNanos();
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("nobody sleeps here");
    }
  }
}
