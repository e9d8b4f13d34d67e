/**
 * {@code faultline doctor}: what this machine allows, and the command that fixes what is missing.
 *
 * <ul>
 *   <li>{@link io.faultline.demo.doctor.DoctorCommand}: the command.
 *   <li>{@link io.faultline.demo.doctor.Diagnosis}: all findings and what follows from them, made
 *       of {@link io.faultline.demo.doctor.Section}s of {@link io.faultline.demo.doctor.Finding}s.
 *   <li>The checks: {@link io.faultline.demo.doctor.SystemCheck}, {@link
 *       io.faultline.demo.doctor.UserfaultfdCheck}, {@link io.faultline.demo.doctor.FeatureCheck},
 *       {@link io.faultline.demo.doctor.HugePageCheck}, {@link io.faultline.demo.doctor.KvmCheck}.
 *   <li>How they are told: {@link io.faultline.demo.doctor.TextReport}, {@link
 *       io.faultline.demo.doctor.JsonReport}.
 * </ul>
 *
 * <p>What can be tried is tried (a userfaultfd is opened through each door), since permissions
 * alone do not tell of seccomp filters and security modules.
 */
@NullMarked
package io.faultline.demo.doctor;

import org.jspecify.annotations.NullMarked;
