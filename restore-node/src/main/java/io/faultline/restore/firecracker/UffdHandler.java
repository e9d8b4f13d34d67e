package io.faultline.restore.firecracker;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorListener;
import io.faultline.uffd.linux.process.DescriptorPoll;
import io.faultline.uffd.linux.process.Pipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fills the memory of microVMs that Firecracker restores from a snapshot: the page-fault handler
 * that {@code mem_backend} of type {@code Uffd} needs. Any number of VMs of the same snapshot, one
 * after the other or at once, each with a thread of its own.
 *
 * <p>A VM that misses memory never outlives its handler unnoticed: whatever makes this process
 * unable to fill its memory kills the VM, or leaves it to the next handler.
 *
 * <p>Thread-safe.
 */
public final class UffdHandler implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final long FOR_EVER = -1;

  private final LinuxKernel kernel = new LinuxKernel();
  private final HandlerSettings settings;
  private final HandlerEvents events;
  private final MemoryFile file;
  private final @Nullable HeldVms held;
  private final VmGuard guard;
  private final DescriptorListener listener;
  private final Pipe stop = Pipe.open();
  private final List<Thread> sessions = new ArrayList<>();
  private final Thread acceptor;
  private volatile boolean ended;

  private UffdHandler(
      HandlerSettings settings,
      HandlerEvents events,
      MemoryFile file,
      @Nullable HeldVms held,
      DescriptorListener listener) {
    this.settings = settings;
    this.events = events;
    this.file = file;
    this.held = held;
    this.listener = listener;
    guard = VmGuard.start();
    acceptor = Thread.ofPlatform().name("faultline-accept").daemon().unstarted(this::accept);
  }

  /**
   * Takes over the VMs of an earlier handler, listens, and starts to accept.
   *
   * @throws IOException if the memory file or the directory for the next handler cannot be used
   * @throws SystemCallException if the socket cannot be bound
   */
  public static UffdHandler start(HandlerSettings settings, HandlerEvents events)
      throws IOException {
    MemoryFile file = MemoryFile.open(settings.memory());
    Path directory = settings.hold();
    HeldVms held = directory == null ? null : HeldVms.open(directory);
    DescriptorListener listener = DescriptorListener.listenUnlessInUse(settings.socket(), BACKLOG);
    UffdHandler handler = new UffdHandler(settings, events, file, held, listener);
    handler.takeOver();
    handler.acceptor.start();
    return handler;
  }

  private void takeOver() throws IOException {
    if (held != null) {
      for (Path directory : held.earlier()) {
        startThread(() -> new VmServer(this).takeOver(directory));
      }
    }
  }

  private void accept() {
    try (DescriptorPoll poll = new DescriptorPoll(listener.fd(), stop.reading())) {
      while (!ended) {
        poll.await(FOR_EVER);
        DescriptorConnection connection = ended ? null : listener.accept();
        if (connection != null) {
          startThread(() -> new VmServer(this).serve(connection));
        }
      }
    } catch (SystemCallException e) {
      events.refused("the next VM", "no connection can be accepted: " + e.getMessage());
    }
  }

  private void startThread(Runnable session) {
    synchronized (sessions) {
      sessions.removeIf(thread -> !thread.isAlive());
      Thread thread = Thread.ofPlatform().name("faultline-vm").daemon().unstarted(session);
      sessions.add(thread);
      thread.start();
    }
  }

  LinuxKernel kernel() {
    return kernel;
  }

  HandlerSettings settings() {
    return settings;
  }

  HandlerEvents events() {
    return events;
  }

  MemoryFile file() {
    return file;
  }

  @Nullable HeldVms held() {
    return held;
  }

  VmGuard guard() {
    return guard;
  }

  /** Becomes readable when the sessions shall stop. */
  int stopDescriptor() {
    return stop.reading();
  }

  boolean hasEnded() {
    return ended;
  }

  /**
   * Stops. VMs that have all their memory go on; others are left to the next handler if there may
   * be one, and killed if not.
   */
  @Override
  public void close() {
    ended = true;
    stop.closeWriting();
    join(acceptor);
    List<Thread> threads;
    synchronized (sessions) {
      threads = List.copyOf(sessions);
    }
    threads.forEach(UffdHandler::join);
    listener.close();
    guard.close();
    if (held != null) {
      held.close();
    }
    stop.close();
    try {
      Files.deleteIfExists(listener.path());
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
