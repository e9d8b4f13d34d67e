/**
 * {@code faultline doctor}: what this machine allows, and the command that fixes what is missing.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.doctor.DoctorCommand}: the command.
 *   <li>{@link io.faultline.cli.doctor.Diagnosis}: all findings and what follows from them, made of
 *       {@link io.faultline.cli.doctor.Section}s of {@link io.faultline.cli.doctor.Finding}s.
 *   <li>The checks: {@link io.faultline.cli.doctor.SystemCheck}, {@link
 *       io.faultline.cli.doctor.UserfaultfdCheck}, {@link io.faultline.cli.doctor.FeatureCheck},
 *       {@link io.faultline.cli.doctor.HugePageCheck}, {@link io.faultline.cli.doctor.KvmCheck}.
 *   <li>How they are told: {@link io.faultline.cli.doctor.TextReport}, {@link
 *       io.faultline.cli.doctor.JsonReport}.
 * </ul>
 *
 * <p>What can be tried is tried (a userfaultfd is opened through each door), since permissions
 * alone do not tell of seccomp filters and security modules.
 */
@NullMarked
package io.faultline.cli.doctor;

import org.jspecify.annotations.NullMarked;
