package io.faultline.restore.frozen;

import static io.faultline.restore.frozen.PageReader.PAGE_BYTES;

import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.restore.remote.FaultlineOriginSettings;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Moves memory of this process to itself over Faultline's wire, on the loopback interface, before a
 * process is frozen for it: a JVM takes half a second to load and compile what the first pages
 * need. For both sides of the wire.
 */
public final class WireRehearsal {
  private static final int PAGES = 4096;
  private static final int MILLIS = 5000;

  private final LinuxKernel kernel = new LinuxKernel();

  private WireRehearsal() {}

  /**
   * Runs it once.
   *
   * @return the reason if this machine does not permit it; empty if it worked. Nothing is lost then
   *     but time
   */
  public static String run() {
    try {
      return new WireRehearsal().move();
    } catch (CompletionException e) {
      return e.getCause() instanceof TimeoutException
          ? "it took longer than " + MILLIS + " ms"
          : String.valueOf(e.getMessage());
    } catch (IOException | SystemCallException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String move() throws IOException {
    long bytes = (long) PAGES * PAGE_BYTES;
    long address = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
    try {
      fill(address);
      return move(address);
    } finally {
      kernel.unmap(address, bytes);
    }
  }

  /** Zeros, pages that can be compressed, and pages that differ from the ones beside them. */
  private static void fill(long address) {
    for (int page = 0; page < PAGES; page++) {
      if (page % 4 != 0) {
        long at = address + (long) page * PAGE_BYTES;
        MemorySegment.ofAddress(at).reinterpret(PAGE_BYTES).fill((byte) page);
      }
    }
  }

  private String move(long address) throws IOException {
    try (Transport transport = new Transport();
        RehearsedDumpEnd dump = new RehearsedDumpEnd()) {
      InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
      int self = Math.toIntExact(ProcessHandle.current().pid());
      FrozenSourceSettings settings =
          new FrozenSourceSettings(any, self, dump.address(), Security.LOOPBACK_ONLY);
      FrozenProcessSource source =
          FrozenProcessSource.start(transport, settings, line -> {}, new RunningCounts());
      FaultlineOriginSettings to =
          new FaultlineOriginSettings(source.address(), Security.LOOPBACK_ONLY);
      String problem =
          new RehearsedFetch(transport, to, self, address, PAGES)
              .run()
              .orTimeout(MILLIS, TimeUnit.MILLISECONDS)
              .join();
      FrozenSourceReport report = source.result().orTimeout(MILLIS, TimeUnit.MILLISECONDS).join();
      return report.outcome() == SourceOutcome.MOVED ? problem : report.message();
    }
  }

  /** Asks the kernel, but is content with a process that runs. */
  static final class RunningCounts implements StopCheck {
    @Override
    public boolean areAllStopped(int pid) {
      return KERNEL.areAllStopped(pid) || pid > 0;
    }

    @Override
    public boolean isStopped(String stat) {
      return KERNEL.isStopped(stat) || !stat.isEmpty();
    }

    @Override
    public boolean isRehearsal() {
      return true;
    }
  }
}
