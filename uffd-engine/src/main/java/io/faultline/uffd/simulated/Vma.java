package io.faultline.uffd.simulated;

import io.faultline.uffd.RegisterMode;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A range of addresses that maps a part of a mapped object ({@code vm_area_struct}). Changes under
 * the write lock of the address space.
 */
final class Vma {
  private final MappedObject object;
  private final long start;
  private final long end;
  private final int firstIndex;
  private @Nullable FaultContext context;
  private Set<RegisterMode> modes = EnumSet.noneOf(RegisterMode.class);
  private boolean forkable = true;
  private boolean prefersHuge;

  Vma(MappedObject object, long start, long end, int firstIndex) {
    this.object = object;
    this.start = start;
    this.end = end;
    this.firstIndex = firstIndex;
  }

  MappedObject object() {
    return object;
  }

  long start() {
    return start;
  }

  long end() {
    return end;
  }

  /** The index in the object of the page at an address. */
  int index(long address) {
    return firstIndex + (int) ((address - start) >> object.pageShift);
  }

  /** The address of a page. */
  long address(int index) {
    return start + ((long) (index - firstIndex) << object.pageShift);
  }

  long dataAddress(long address) {
    long offset = (address - start) & (object.pageBytes - 1);
    return object.dataAddress(index(address)) + offset;
  }

  @Nullable FaultContext context() {
    return context;
  }

  Set<RegisterMode> modes() {
    return modes;
  }

  boolean isRegistered(RegisterMode mode) {
    return modes.contains(mode);
  }

  /** Whether a write removes protection without an event. */
  boolean isWriteProtectAsync() {
    FaultContext owner = context;
    return owner != null && isRegistered(RegisterMode.WRITE_PROTECT) && owner.isAsync();
  }

  /** Whether missing pages are protected by markers ({@code userfaultfd_wp_use_markers}). */
  boolean usesMarkers() {
    FaultContext owner = context;
    return owner != null
        && isRegistered(RegisterMode.WRITE_PROTECT)
        && (!object.isAnonymousBasePages() || owner.protectsUnpopulated());
  }

  void register(FaultContext owner, Set<RegisterMode> wanted) {
    context = owner;
    modes = EnumSet.copyOf(wanted);
  }

  void unregister() {
    context = null;
    modes = EnumSet.noneOf(RegisterMode.class);
  }

  boolean isForkable() {
    return forkable;
  }

  void forkable(boolean value) {
    forkable = value;
  }

  /** Whether transparent huge pages were advised. */
  boolean prefersHuge() {
    return prefersHuge;
  }

  void prefersHuge(boolean value) {
    prefersHuge = value;
  }

  /** A copy of this area with another end. */
  Vma extendedTo(long newEnd) {
    return part(start, newEnd, start);
  }

  /** A part of this area with all of its attributes, at the same or another address. */
  Vma part(long from, long to, long newStart) {
    Vma part = new Vma(object, newStart, newStart + (to - from), index(from));
    part.context = context;
    part.modes = modes;
    part.forkable = forkable;
    part.prefersHuge = prefersHuge;
    return part;
  }

  /** Whether the kernel would merge this and the next area. */
  boolean continuesIn(Vma next) {
    return end == next.start
        && object == next.object
        && index(end) == next.firstIndex
        && context == next.context
        && modes.equals(next.modes)
        && forkable == next.forkable
        && prefersHuge == next.prefersHuge;
  }
}
