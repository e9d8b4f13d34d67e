package io.faultline.uffd.simulated;

import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.RegisterMode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.locks.Lock;

/**
 * fork: creates a child with the same areas ({@code dup_mmap}, {@code copy_page_range}). Private
 * pages are copied immediately, but marked as shared until one of the two processes writes.
 */
final class ForkCall {
  private final AddressSpace parent;
  private final AddressSpace child = new AddressSpace();
  private final SimulatedMachine machine;
  private final IdentityHashMap<FaultContext, FaultContext> contexts = new IdentityHashMap<>();
  private final IdentityHashMap<MappedObject, MappedObject> objects = new IdentityHashMap<>();

  ForkCall(SimulatedMachine machine, AddressSpace parent) {
    this.machine = machine;
    this.parent = parent;
  }

  /** Forks, and waits until the fork events are read. */
  AddressSpace fork() {
    Lock mappings = parent.writeLock();
    mappings.lock();
    try {
      List<Vma> areas = new ArrayList<>();
      for (Vma area : parent.all()) {
        if (area.isForkable()) {
          areas.add(copy(area));
        }
      }
      child.adopt(areas, parent);
      for (MappedObject object : objects.values()) {
        object.countMappedPages(areas);
      }
    } finally {
      mappings.unlock();
    }
    contexts.forEach(this::send);
    parent.checkNotExited();
    return child;
  }

  private void send(FaultContext parents, FaultContext childs) {
    int descriptor = machine.assignDescriptor(childs);
    boolean read = parents.send(new MemoryEvent(EventType.FORK, descriptor, 0, 0));
    if (!read && machine.adopt(descriptor) != null) {
      new Registrations(childs).endAll();
      childs.release();
    }
  }

  private Vma copy(Vma area) {
    MappedObject target = objects.computeIfAbsent(area.object(), MappedObject::forked);
    int first = area.index(area.start());
    Vma copy = new Vma(target, area.start(), area.end(), first);
    FaultContext context = area.context();
    if (context != null && context.has(Feature.EVENT_FORK)) {
      copy.register(contexts.computeIfAbsent(context, this::copy), area.modes());
    }
    if (!target.shared || copy.isRegistered(RegisterMode.WRITE_PROTECT)) {
      for (int index = first; index < area.index(area.end()); index++) {
        copyPage(area, copy, index);
      }
    }
    return copy;
  }

  private FaultContext copy(FaultContext context) {
    context.mappingsChange();
    return context.forked(child);
  }

  private static void copyPage(Vma from, Vma to, int index) {
    MappedObject source = from.object();
    PageLock page = source.lock(index);
    page.lock();
    try {
      int pte = PageFaults.syncEntry(from, index);
      boolean owned = Pte.isPresent(pte) && Pte.has(pte, Pte.ANONYMOUS);
      if (owned && !Pte.has(pte, Pte.ZERO)) {
        to.object().privateFrames().fill(index, source.privateFrames().address(index));
        if (!Pte.has(pte, Pte.PINNED)) { // the child gets a copy of a pinned page at once
          pte |= Pte.FORKED;
          source.table.set(index, pte);
        }
      }
      boolean protects = to.isRegistered(RegisterMode.WRITE_PROTECT);
      int dropped = protects ? Pte.PINNED : Pte.PINNED | Pte.WRITE_PROTECTED;
      to.object().table.set(index, pte & ~dropped);
    } finally {
      page.unlock();
    }
  }
}
