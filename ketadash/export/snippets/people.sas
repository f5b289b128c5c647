/* The parts of the SAS programs of the Code tabs about a value of each participant (ketadash/export/code_sas_people.py). */

/*@ abstinent days */
data days; set days; by participant_id;
  y = (not use);
<<rule>>
  abstinent = y;
run;
data days; set days; by participant_id; retain streak 0;          /* how many abstinent days in a row end here */
  if first.participant_id then streak = 0;
  if abstinent = 1 then streak = streak + 1; else streak = 0;
run;

/*@ heavy days */
data days; set days; by participant_id;
  y = heavy;
<<rule>>
  heavy_day = y;
run;

/*@ amounts */
data days; set days; by participant_id;
  y = amount; if use and amount = 0 then y = -1;                /* -1: use of an amount that nobody knows */
<<rule>>
  unmeasured = (y = -1); amount = y; if unmeasured then amount = .;   /* 1E9: use, and nobody says how much */
run;

/*@ levels */
data before;                                                    /* known amounts before treatment, from the same file */
  infile "<<file>>" dsd firstobs=2 truncover encoding="utf-8" lrecl=32767;
  length participant_id arm $ 200 sex $ 1;
  input participant_id arm day amount etg_overrides test sex;
  if <<from>> <= day <= <<to>> and amount ne . and etg_overrides ne 2;
run;
%macro level(g); ((&g) > 0) + ((&g) > max(low)) + ((&g) > max(medium)) + ((&g) > max(high)) %mend;   /* WHO, 0 to 4 */
data before days;                                               /* grams a day above which a level begins */
  set before(in=earlier) days; grams = <<grams>>;               /* of alcohol in one of what amounts count */
  if sex = 'F' then do; low = 20; medium = 40; high = 60; end;
  else do; low = 40; medium = 60; high = 100; end;
  if earlier then output before; else output days;
run;
proc sql;
  create table levels as select participant_id, %level(mean(grams * amount)) as level_before
  from before group by participant_id;
  create table days_of_levels as select a.*, b.level_before from days as a left join levels as b
    on a.participant_id = b.participant_id order by participant_id, day;
quit;
data days; set days_of_levels; run;

/*@ value */
proc sql;
  create table <<table>> as select participant_id, active, <<sas>> as <<name>><<more>>
  from days<<where>> group by participant_id, active<<also>>;
quit;

/*@ able */
data <<table>>; set <<table>>;                                  /* too low before to come down so far */
  if 0 <= level_before <= <<most>> then <<name>> = <<instead>>;
run;

/*@ means */
proc ttest data=status alpha=<<alpha>>;                         /* the row of Satterthwaite, which is Welch's test */
  class active; var good;                                       /* SAS has the control arm less the active one */
run;

/*@ rates */
/* GENMOD's robust errors are of many people: times sqrt(n / (n - 2)), on t with n - 2 df, they are those on screen */
data status; set status; log_days = log(known); if known > 0; run;
proc genmod data=status;
  class participant_id;
  model good = active / dist=negbin link=log offset=log_days;
  repeated subject=participant_id;
  estimate 'ratio of rates' active 1 / exp alpha=<<alpha>>;
run;

/*@ rung */
proc sort data=rung; by participant_id; run;
data reached; merge reached rung; by participant_id;            /* this rung, or one above it */
  if good = 1 or one = 1 then good = 1; else if good = . or one = . then good = .; else good = 0;
  drop one;
run;

/*@ rungs begin */
data reached; set people; good = 0; keep participant_id active good; run;
proc sort data=reached; by participant_id; run;

/*@ rungs end */
data status; set reached; run;

/*@ event */
data status; set events; good = status; keep participant_id active good; run;

/*@ with people */
proc sort data=status; by participant_id; run;
data status; merge status people; by participant_id; run;

/*@ within shares */
data status; set status; arm_order = 2 - active; run;           /* the active arm first */
proc freq data=status;                                          /* Mantel-Haenszel, Sato's variance; CMH */
  tables stratum*arm_order*good / cmh commonriskdiff(column=2 cl=mh) alpha=<<alpha>>;
run;

/*@ within ranks */
proc freq data=status;                                          /* van Elteren: Row Mean Scores Differ is z**2 */
  tables stratum*active*good / cmh2 scores=modridit noprint;
  output out=van_elteren cmhrms;
run;
proc print data=van_elteren; run;

/*@ standardised */
proc iml;                                                       /* the regression averaged over everybody in either arm */
  use status where(good ^= .); read all var {good} into y; read all var {active} into arm;
  read all var {<<x>>} into Z; close status;
  n = nrow(y); X = arm || j(n, 1, 1) || Z; p = round(trace(ginv(X) * X)); b = j(ncol(X), 1, 0);
  start fitted(eta); return (<<mean>>); finish;
  start slope(mu); return (<<slope>>); finish;
  do step = 1 to 100;                                           /* Newton's steps; repeated columns do not matter */
    mu = fitted(X * b); b = b + ginv(X` * (X # slope(mu))) * X` * (y - mu);
  end;
  mu = fitted(X * b); scores = ginv(X` * (X # slope(mu)) / n) * (X # (y - mu))`;
  there = X; there[, 1] = 1; m1 = fitted(there * b); a1 = m1 - m1[:] + ((there # slope(m1))[:, ] * scores)`;
  there[, 1] = 0; m0 = fitted(there * b); a0 = m0 - m0[:] + ((there # slope(m0))[:, ] * scores)`;
  difference = m1[:] - m0[:]; se = sqrt(ssq(a1 - a0) / n##2 * n / (n - p));
  half = quantile("t", 1 - <<alpha>> / 2, n - p) * se; low = difference - half; high = difference + half;
  p_value = 2 * (1 - probt(abs(difference / se), n - p));
  print difference se low high p_value;
quit;

/*@ adjusted hazard */
proc sort data=events; by participant_id; run;
data events; merge events people; by participant_id; run;
proc phreg data=events;
  model time*status(<<censored>>) = active <<x>> / ties=efron risklimits alpha=<<alpha>>;
<<strata>>run;

/*@ subgroup days */
data status; set status; if subgroup = <<of_level>>; run;

/*@ subgroup days test */
proc sql;                                                       /* Welch's F of the differences in the levels */
  create table arms as select subgroup, active, mean(good) as m, var(good) / count(good) as v, count(good) as n
  from status where subgroup is not missing group by subgroup, active;
  create table levels as select a.subgroup, a.m - b.m as gap, a.v + b.v as v,
    (a.v + b.v)**2 / (a.v**2 / (a.n - 1) + b.v**2 / (b.n - 1)) as df
  from arms as a, arms as b where a.subgroup = b.subgroup and a.active = 1 and b.active = 0 and min(a.n, b.n) >= 5;
quit;
proc iml;
  use levels; read all var {gap v df}; close levels;
  k = nrow(gap); w = 1 / v; spread = sum(w # (gap - sum(w # gap) / sum(w))##2) / (k - 1);
  lack = sum((1 - w / sum(w))##2 / df);
  f = spread / (1 + 2 * (k - 2) / (k##2 - 1) * lack); df_den = (k##2 - 1) / (3 * lack);
  p = 1 - probf(f, k - 1, df_den); print f df_den p;
quit;
