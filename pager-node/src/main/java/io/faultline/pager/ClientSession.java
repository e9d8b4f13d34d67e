package io.faultline.pager;

import io.faultline.paging.PagingException;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.paging.SharedRegion;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.ReceivedDescriptors;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from the handshake until everything that the client has stored is in its stores.
 * Run by a thread of its own.
 */
final class ClientSession implements Runnable {
  /** Enough for the maximum number of regions. */
  private static final int MAX_HANDSHAKE_BYTES = 4 << 20;

  private static final int MAX_REQUEST_BYTES = 64 << 10;
  private static final long FIRST_RETRY_NANOS = 10_000_000;
  private static final long LAST_RETRY_NANOS = 1_000_000_000;

  private final PagerServer server;
  private final ClientSocket socket;
  private final String name;
  private final long pageBytes;
  private volatile @Nullable ClientMemory served;

  ClientSession(PagerServer server, ClientSocket socket, String name, long pageBytes) {
    this.server = server;
    this.socket = socket;
    this.name = name;
    this.pageBytes = pageBytes;
  }

  @Override
  public void run() {
    try (socket) {
      ClientMemory memory = accept();
      if (memory != null) {
        served = memory; // all its regions are there by now
        try {
          serve(memory);
        } finally {
          writeBack(memory);
        }
      }
    } finally {
      server.ended(this);
    }
  }

  /** Takes over the client's memory; null if there is none. */
  private @Nullable ClientMemory accept() {
    try (ReceivedDescriptors descriptors = new ReceivedDescriptors()) {
      if (!socket.receiveFirst(descriptors)) {
        return null;
      }
      checkCount(descriptors);
      String line = socket.readLine(MAX_HANDSHAKE_BYTES);
      if (line == null) {
        return null;
      }
      return accept(descriptors, new HandshakeParser(pageBytes).parse(line));
    } catch (RefusedException e) {
      server.events().refused(name, String.valueOf(e.getMessage()));
      socket.send(Answers.refused(String.valueOf(e.getMessage())));
      return null;
    }
  }

  private ClientMemory accept(ReceivedDescriptors descriptors, List<RegionRequest> regions)
      throws RefusedException {
    LinuxKernel kernel = server.kernel();
    SharedMemoryPager pager = server.pager();
    ClientMemory memory =
        ClientMemory.take(
            kernel,
            pager,
            server.stores(),
            server.claims(),
            descriptors,
            regions,
            what -> server.events().failed(name, what));
    long bytes = regions.stream().mapToLong(RegionRequest::sizeBytes).sum();
    server.events().accepted(name, regions.size(), bytes);
    socket.send(Answers.accepted(pager.bufferBytes(), pageBytes, regions.size()));
    return memory;
  }

  private static void checkCount(ReceivedDescriptors descriptors) throws RefusedException {
    if (descriptors.isTruncated()) {
      throw new RefusedException(
          "more than two descriptors: this is not the protocol of the pager (Firecracker's"
              + " secret-free branch sends three); send the userfaultfd and the memfd");
    }
    switch (descriptors.count()) {
      case 2 -> {}
      case 1 ->
          throw new RefusedException(
              "one descriptor: this is Firecracker's protocol, whose private memory cannot be paged"
                  + " from outside; send the userfaultfd and the memfd that is mapped there");
      default ->
          throw new RefusedException(
              "no descriptors came with the first byte: send the userfaultfd and the memfd with"
                  + " SCM_RIGHTS");
    }
  }

  private void serve(ClientMemory memory) {
    Requests requests = new Requests(server.pager(), memory, pageBytes);
    int regions = memory.regions().size();
    boolean open = true;
    while (open) {
      String answer;
      try {
        String line = socket.readLine(MAX_REQUEST_BYTES);
        if (line == null) {
          return;
        }
        Request request = RequestParser.parse(line, regions);
        if (request.verb() == Request.Verb.CLOSE) {
          writeBack(memory);
          socket.send(Answers.done());
          return;
        }
        answer = requests.answer(request);
      } catch (RefusedException e) {
        answer = Answers.refused(String.valueOf(e.getMessage()));
      }
      open = socket.send(answer);
    }
  }

  int regionCount() {
    ClientMemory memory = served;
    return memory == null ? 0 : memory.regions().size();
  }

  long regionBytes() {
    ClientMemory memory = served;
    return memory == null
        ? 0
        : memory.regions().stream().mapToLong(SharedRegion::lengthBytes).sum();
  }

  /** The regions of the client; none before its handshake is accepted. Any thread. */
  List<RegionStatus> regions() {
    ClientMemory memory = served;
    return memory == null ? List.of() : memory.status(name, pageBytes);
  }

  /** Writes everything back, however often the store fails, until the pager gives up. */
  private void writeBack(ClientMemory memory) {
    long pause = FIRST_RETRY_NANOS;
    while (!memory.isClosed()) {
      try {
        if (server.hasEnded()) {
          memory.withdraw();
        } else {
          memory.close();
        }
        server.events().left(name);
      } catch (PagingException e) {
        if (server.givesUp()) {
          server.noteLost();
          server.events().failed(name, "its last stores are lost: " + e.getMessage());
          memory.abandon();
          return;
        }
        if (pause == FIRST_RETRY_NANOS) {
          server.events().failed(name, e.getMessage() + "; trying again");
        }
        LockSupport.parkNanos(this, pause);
        pause = Math.min(LAST_RETRY_NANOS, pause * 2);
      }
    }
  }
}
