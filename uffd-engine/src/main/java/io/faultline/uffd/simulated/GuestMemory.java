package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** Loads and stores through the page table, which may fault. Thread-safe. */
final class GuestMemory {
  /** The access to a present page, under its lock. */
  private interface Access {
    long at(long nativeAddress);
  }

  private final AddressSpace space;
  private final Scheduling scheduling;

  GuestMemory(AddressSpace space, Scheduling scheduling) {
    this.space = space;
    this.scheduling = scheduling;
  }

  long load(long address) {
    return access(address, false, false, NativeBytes::load);
  }

  void store(long address, long value) {
    access(
        address,
        true,
        false,
        at -> {
          NativeBytes.store(at, value);
          return 0;
        });
  }

  /** Takes the faults of a store without storing. */
  void touchForWrite(long address) {
    access(address, true, true, at -> 0);
  }

  /** Loads as a system call does; errors as for {@link #copyOut}. */
  long loadInKernel(long address) {
    try {
      return access(address, false, true, NativeBytes::load);
    } catch (MemoryErrorException e) {
      throw fault(address, "the page is poisoned");
    }
  }

  /** Stores as a system call does; errors as for {@link #copyOut}. */
  void storeInKernel(long address, long value) {
    try {
      access(
          address,
          true,
          true,
          at -> {
            NativeBytes.store(at, value);
            return 0;
          });
    } catch (MemoryErrorException e) {
      throw fault(address, "the page is poisoned");
    }
  }

  /**
   * Copies from guest memory as a system call does.
   *
   * @throws SystemCallException EFAULT if the fault must not be taken in kernel mode, or on poison
   */
  void copyOut(long address, long target, long bytes) {
    long end = address + bytes;
    long at = address;
    while (at < end) {
      long chunk = Math.min(end, (at | (NativeBytes.ALIGNMENT - 1)) + 1) - at;
      long offset = at - address;
      try {
        access(
            at,
            false,
            true,
            from -> {
              NativeBytes.copy(target + offset, from, chunk);
              return 0;
            });
      } catch (MemoryErrorException e) {
        throw fault(at, "the page is poisoned");
      }
      at += chunk;
    }
  }

  /**
   * Takes the faults of an access, as far as possible without sleeping.
   *
   * @return null if the access can proceed now, else the fault in which it must sleep
   */
  @Nullable SleepingFault touch(long address, boolean write) {
    return attempt(address, write, false, at -> 0, new long[1]);
  }

  private long access(long address, boolean write, boolean inKernel, Access access) {
    long[] result = new long[1];
    while (true) {
      SleepingFault fault = attempt(address, write, inKernel, access, result);
      if (fault == null) {
        return result[0];
      }
      fault.sleep();
    }
  }

  /** Does an access, or enqueues it at its userfaultfd and returns the fault. */
  private @Nullable SleepingFault attempt(
      long address, boolean write, boolean inKernel, Access access, long[] result) {
    while (true) {
      FaultWaiter waiter = null;
      FaultContext context = null;
      Lock mappings = space.readLock();
      mappings.lock();
      try {
        Vma area = space.find(address);
        if (area == null) {
          throw fault(address, "nothing is mapped there");
        }
        int index = area.index(address);
        scheduling.step(Step.TOUCH, address);
        RegisterMode reason;
        PageLock page = area.object().lock(index);
        page.lock();
        try {
          int pte = area.object().table.get(index);
          if (PageFaults.permits(area, pte, write)) {
            long offset = address & (area.object().pageBytes - 1);
            result[0] = access.at(area.object().frameAddress(index, pte) + offset);
            return null;
          }
          reason = PageFaults.resolve(area, index, write);
        } finally {
          page.unlock();
        }
        context = area.context();
        if (reason != null && context != null) {
          waiter = waitFor(context, area, address, write, inKernel, reason);
        }
      } finally {
        mappings.unlock();
      }
      if (waiter != null && context != null) {
        return new SleepingFault(context, waiter);
      }
    }
  }

  /** Returns the enqueued waiter, or null if the access must be retried immediately. */
  private static @Nullable FaultWaiter waitFor(
      FaultContext context,
      Vma area,
      long address,
      boolean write,
      boolean inKernel,
      RegisterMode reason) {
    if (context.has(Feature.SIGBUS)) {
      throw new MemoryErrorException(address);
    }
    if (inKernel && context.scope == FaultScope.USER_ONLY) {
      throw fault(address, "its userfaultfd catches faults in user mode only");
    }
    int index = area.index(address);
    long reported = context.has(Feature.EXACT_ADDRESS) ? address : area.address(index);
    FaultWaiter waiter = new FaultWaiter(reported, write, reason);
    boolean sleep = context.enqueue(waiter, () -> PageFaults.mustWait(area, index, reason));
    return sleep ? waiter : null;
  }

  private static SystemCallException fault(long address, String hint) {
    return new SystemCallException(
        String.format("access(address=0x%x)", address), Errno.EFAULT, hint);
  }
}
