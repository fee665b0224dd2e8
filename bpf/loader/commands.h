/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands' two files have in common. */
#ifndef PODSTAMP_COMMANDS_H
#define PODSTAMP_COMMANDS_H

#include "loader.h"

/* What a command did: NULL, or the rule it broke. */
typedef const char *outcome;

/* A number within 0 and max, in any base that C writes. */
bool parse(const char *word, u64 max, u64 *value);
bool is_word(const char *word, const char *expected);

/* filters.c */
outcome run_probes(char **words);
outcome run_cgroup(char **words);
outcome run_port(char **words);
outcome run_ports(char **words);
outcome run_ignore(char **words);
outcome run_notice(char **words);
outcome run_sample(char **words);
outcome run_rate(char **words);

#endif
