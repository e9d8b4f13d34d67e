/**
 * Other processes: what a program needs that fills, reads or watches the memory of a process that
 * does not cooperate. Linux only.
 *
 * <ul>
 *   <li>Descriptors over a socket: {@link io.faultline.uffd.linux.process.DescriptorListener},
 *       {@link io.faultline.uffd.linux.process.DescriptorConnection} (two of them: {@link
 *       io.faultline.uffd.linux.process.DescriptorPair}) and {@link
 *       io.faultline.uffd.linux.process.ReceivedDescriptors}; {@code UnixAddress}, {@code
 *       SocketMessage} (layouts), {@code SocketCalls}, {@code PollCalls}. {@link
 *       io.faultline.uffd.linux.process.DescriptorPoll}: what a loop waits for. A userfaultfd that
 *       arrives is wrapped by {@link io.faultline.uffd.linux.LinuxKernel#adoptUserfaultfd}.
 *   <li>{@link io.faultline.uffd.linux.process.TcpProgress}: where in the streams of a connection a
 *       program is that got its socket from another one.
 *   <li>Processes: {@link io.faultline.uffd.linux.process.PidFd} holds one, whatever happens to its
 *       id: exit to poll, signals, its descriptors; {@code PidfdCalls}. {@link
 *       io.faultline.uffd.linux.process.ProcessTable} finds processes and their children as {@link
 *       io.faultline.uffd.linux.process.ProcessEntry}.
 *   <li>{@link io.faultline.uffd.linux.process.DetachedProcess}: a child that continues after this
 *       process was killed; {@link io.faultline.uffd.linux.process.DescriptorHolder}: one that only
 *       keeps descriptors open; {@link io.faultline.uffd.linux.process.DescriptorQueue} keeps them
 *       until then; {@link io.faultline.uffd.linux.process.Pipe}, whose end tells that this process
 *       has ended; {@link io.faultline.uffd.linux.process.BackgroundProcess}: a program that says
 *       when it is ready; {@link io.faultline.uffd.linux.process.SessionProcess}: one that no
 *       signal from the terminal reaches; {@code SpawnRequest}, {@code SpawnCalls} (posix_spawn).
 *   <li>{@link io.faultline.uffd.linux.process.FileLock}: a lock that ends with this process.
 *   <li>Memory: {@link io.faultline.uffd.linux.process.ProcessMemory} reads many ranges at once
 *       ({@code MemoryCalls}); {@link io.faultline.uffd.linux.process.MemoryAreas} lists mappings
 *       as {@link io.faultline.uffd.linux.process.MemoryArea}; {@link
 *       io.faultline.uffd.linux.LinuxKernel#openPagemap(int)} opens the page table.
 * </ul>
 *
 * <p>Processes end at any time: what a caller must expect (the process is gone, the peer has
 * closed, nothing is there yet) are values; missing permission and mistakes are exceptions.
 */
@NullMarked
package io.faultline.uffd.linux.process;

import org.jspecify.annotations.NullMarked;
