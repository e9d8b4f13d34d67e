package io.faultline.pager;

import io.faultline.paging.SharedMemoryPager;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.DescriptorConnection;
import io.faultline.uffd.linux.process.DescriptorListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Accepts clients on a Unix socket, and pages their memory.
 *
 * <p>Threads: one that accepts, and for each client one that is idle while its client asks for
 * nothing, and the handlers of its faults ({@link SharedMemoryPager}): a client whose store hangs
 * holds up no other. So the number of clients is limited.
 *
 * <p>Thread-safe.
 */
public final class PagerServer implements AutoCloseable {
  private static final int BACKLOG = 128;
  private static final int POLL_MILLIS = 200;

  private final LinuxKernel kernel;
  private final SharedMemoryPager pager;
  private final Stores stores;
  private final PagerEvents events;
  private final DescriptorListener listener;
  private final int maxClients;
  private final MemoryClaims claims = new MemoryClaims();
  private final Thread acceptor;
  private final Map<ClientSession, Thread> sessions = new HashMap<>();
  private volatile boolean refuses;
  private volatile boolean ended;
  private volatile boolean givesUp;
  private volatile boolean lost;

  private PagerServer(
      LinuxKernel kernel,
      SharedMemoryPager pager,
      Stores stores,
      PagerEvents events,
      DescriptorListener listener,
      int maxClients) {
    this.maxClients = maxClients;
    this.kernel = kernel;
    this.pager = pager;
    this.stores = stores;
    this.events = events;
    this.listener = listener;
    this.acceptor = Thread.ofPlatform().name("faultline-accept").daemon().unstarted(this::accept);
  }

  /**
   * Listens, and starts to accept.
   *
   * @param pager closed by the caller, after the result
   * @param maxClients how many connections are served at once; more are refused
   * @throws SystemCallException if the path cannot be bound; EADDRINUSE if another process listens
   */
  public static PagerServer start(
      LinuxKernel kernel,
      SharedMemoryPager pager,
      Stores stores,
      PagerEvents events,
      Path socket,
      int maxClients) {
    DescriptorListener listener = DescriptorListener.listenUnlessInUse(socket, BACKLOG);
    PagerServer server = new PagerServer(kernel, pager, stores, events, listener, maxClients);
    server.acceptor.start();
    return server;
  }

  private void accept() {
    while (!refuses) {
      DescriptorConnection connection = listener.accept();
      if (connection == null) {
        listener.awaitReadable(POLL_MILLIS);
      } else {
        start(connection);
      }
    }
  }

  private void start(DescriptorConnection connection) {
    ClientSocket socket = new ClientSocket(connection, () -> ended);
    String name = "process " + socket.peerPid();
    if (clients() >= maxClients) {
      refuse(socket, name);
      return;
    }
    ClientSession session =
        new ClientSession(this, socket, name, kernel.pageSizeBytes(PageSize.BASE));
    synchronized (sessions) {
      Thread thread = Thread.ofPlatform().name("faultline-client").daemon().unstarted(session);
      sessions.put(session, thread);
      thread.start();
    }
  }

  private void refuse(ClientSocket socket, String name) {
    String why =
        "the pager has "
            + maxClients
            + " clients, its limit: try again when one has left, or start it with more --clients";
    events.refused(name, why);
    try (socket) {
      socket.send(Answers.refused(why));
    }
  }

  LinuxKernel kernel() {
    return kernel;
  }

  SharedMemoryPager pager() {
    return pager;
  }

  Stores stores() {
    return stores;
  }

  MemoryClaims claims() {
    return claims;
  }

  PagerEvents events() {
    return events;
  }

  /** Whether the pager ends, so that clients may still be there. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether stores that fail are not tried again. */
  boolean givesUp() {
    return givesUp;
  }

  /** Notes that the last stores of a client could not be written. */
  void noteLost() {
    lost = true;
  }

  /** Whether a store failed to the end, so that something that a client has stored is lost. */
  public boolean hasLostStores() {
    return lost;
  }

  /** Called by a session as its last action. */
  void ended(ClientSession session) {
    synchronized (sessions) {
      sessions.remove(session);
      sessions.notifyAll();
    }
  }

  /** The number of clients that are connected, or whose memory is being written back. */
  public int clients() {
    synchronized (sessions) {
      return sessions.size();
    }
  }

  /** The number of regions of all clients. */
  public int regionCount() {
    synchronized (sessions) {
      return sessions.keySet().stream().mapToInt(ClientSession::regionCount).sum();
    }
  }

  /** The size of all regions of all clients together. */
  public long regionBytes() {
    synchronized (sessions) {
      return sessions.keySet().stream().mapToLong(ClientSession::regionBytes).sum();
    }
  }

  /** The regions of all clients now: a count of their pages in memory, which takes a scan. */
  public List<RegionStatus> regions() {
    List<ClientSession> now;
    synchronized (sessions) {
      now = List.copyOf(sessions.keySet());
    }
    return now.stream().flatMap(session -> session.regions().stream()).toList();
  }

  /** Accepts no more clients. Those that are connected are served. */
  public void stopAccepting() {
    refuses = true;
    join(acceptor);
  }

  /**
   * Waits until no client is left.
   *
   * @return false if some are, after the time
   */
  public boolean awaitNoClients(long timeoutNanos) throws InterruptedException {
    long end = System.nanoTime() + timeoutNanos;
    synchronized (sessions) {
      while (!sessions.isEmpty()) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        sessions.wait(left);
      }
      return true;
    }
  }

  /**
   * Ends all sessions: what their clients have stored is written back, and lost if a store fails
   * now. For clients that are still there each access is a memory error (SIGBUS) from then on.
   */
  @Override
  public void close() {
    stopAccepting();
    givesUp = true;
    ended = true;
    List<Thread> threads;
    synchronized (sessions) {
      threads = List.copyOf(sessions.values());
    }
    threads.forEach(PagerServer::join);
    listener.close();
    removeSocket();
  }

  private void removeSocket() {
    try {
      Files.deleteIfExists(listener.path());
    } catch (IOException e) {
      // the next pager removes it
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
