/* The parts of the SAS programs of the Code tabs (ketadash/export/code_sas.py): a mark begins one, places are filled in. */

/*@ read */
/* SAS/STAT 14.1 or later. NOT RUN BY US: written from the SAS manual.
   <<file>> has a row for each participant and day, before any rule. The control arm: <<control>>. */
data days;
  infile "<<file>>" dsd firstobs=2 truncover encoding="utf-8" lrecl=32767;
  length participant_id arm $ 200 sex $ 1<<length>>;
  input participant_id arm day amount etg_overrides test sex baseline baseline_heavy<<more>>;
  if <<first>> <= day <= <<last>>;                              /* the window */<<arms>>
  active = (arm = <<active>>);
  missing = (amount = .);
  use = (not missing) and <<use>>;
  if sex = 'F' then limit = <<women>>; else limit = <<men>>;    /* a heavy day has more; unknown sex as men */
  heavy = (not missing) and (amount > limit);
run;
proc sort data=days; by participant_id day; run;
data people; set days; by participant_id; if first.participant_id; keep participant_id active <<covariate>>; run;

/*@ fill */
proc sql noprint; select mean(<<column>>) format=best32. into :average trimmed from people; quit;
data people; set people; if <<column>> = . then <<column>> = &average; run;   /* unknown: the others' mean */
data days; set days; if <<column>> = . then <<column>> = &average; run;

/*@ abstinence */
data days; set days; by participant_id;
  y = (not use);                                                /* abstinent */
<<rule>>
run;

/*@ heavy */
data days; set days; by participant_id;
  y = heavy;
<<rule>>
run;

/*@ likelihood */
proc glimmix data=days method=quad(qpoints=<<nodes>>)<<empirical>>;          /* the printed tables */
  class participant_id;
  model y(event='1') = <<terms>> / dist=binary link=logit solution cl alpha=<<alpha>> <<df>>;
  random intercept / subject=participant_id;
<<estimate>>run;

/*@ pseudo */
proc glimmix data=days method=rspl<<empirical>>;                             /* the scale stays at 1 */
  class participant_id;
  model y(event='1') = <<terms>> / dist=binary link=logit solution cl alpha=<<alpha>> <<df>> covb;
  random intercept / subject=participant_id;
<<estimate>>  ods output ParameterEstimates=est CovB=cov CovParms=variances;
run;

/*@ pseudo ar1 */
data days; set days; occasion = day; run;                       /* the day as a class, for the order of residuals */
proc glimmix data=days method=rspl<<empirical>>;
  class participant_id occasion;
  model y(event='1') = <<terms>> / dist=binary link=logit solution cl alpha=<<alpha>> <<df>> covb;
  random intercept / subject=participant_id;
  random occasion / subject=participant_id type=ar(1) residual;
<<estimate>>  ods output ParameterEstimates=est CovB=cov CovParms=variances;
run;

/*@ mbn */
/* Robust: SAS has no leverage correction with quadrature. EMPIRICAL=MBN (Morel, Bokossa and Neerchal) is the nearest: its
   standard errors come out a few per cent from those on screen. */

/*@ firores */
/* Robust: EMPIRICAL=FIRORES is Mancl and DeRouen's correction, as on screen. */

/*@ classical */
/* Robust: NLMIXED has the sandwich without a small-sample correction only, so this interval is rather narrower than the one
   on screen where participants are few. */

/*@ joint */
proc nlmixed data=days qpoints=<<nodes>> cov df=1e6<<empirical>>;     /* the same fit, with sigma in the covariance matrix */
  parms <<starts>> s=1;
  bounds s >= 0;
  eta = <<eta>> + s*z;
  p = 1 / (1 + exp(-eta));
  model y ~ binary(p);
  random z ~ normal(0, 1) subject=participant_id;
  ods output ParameterEstimates=est CovMatParmEst=cov;
run;

/*@ iml joint */
proc iml;
  use est; read all var {Estimate} into theta; close est;
  use cov; read all var {<<names>> s} into V; close cov;

/*@ iml pseudo */
proc iml;
  use est; read all var {Estimate} into b; close est;
  use cov; read all var _num_ into C; close cov;
  use variances; read all var {Estimate} into v; close variances;
  p = nrow(b); theta = b // sqrt(v[1]);
  V = j(p + 1, p + 1, 0); V[1:p, 1:p] = C[, ncol(C)-p+1:ncol(C)];   /* sigma is taken as known */

/*@ iml curve */
  use people; read all var <<x>> close people;
  start chance(theta, x, arm, day);                             /* everyone randomised, had all been in one arm */
    n = nrow(x); p = nrow(theta) - 1;
    D = <<design>>;
    z = do(-9, 9, 0.02); w = pdf("normal", z); w = w / sum(w);  /* the random intercept is integrated out */
    eta = (D * theta[1:p]) @ j(1, ncol(z), 1) + j(n, 1, 1) @ (theta[p + 1] * z);
    return ((1 / (1 + exp(-eta))) * w`);
  finish;

/*@ iml typical */
  use people; read all var <<x>> close people;
  start chance(theta, x, arm, day);                             /* random intercept 0, mean baseline */
    n = 1; p = nrow(theta) - 1; x = mean(x);
    D = <<design>>;
    return (1 / (1 + exp(-D * theta[1:p])));
  finish;

/*@ iml people */
  own = chance(theta, x, 1, <<last>>) - chance(theta, x, 0, <<last>>);
  among = var(own) / nrow(own);                                 /* other people might have been in the trial */

/*@ iml one */
  among = 0;

/*@ iml answer */
  start gap(row) global(x);
    theta = colvec(row); return (mean(chance(theta, x, 1, <<last>>) - chance(theta, x, 0, <<last>>)));
  finish;
  call nlpfdd(difference, slope, hessian, "gap", rowvec(theta));
<<people>>
  se = sqrt(slope * V * slope` + among); half = <<quantile>> * se;
  low = max(difference - half, -1); high = min(difference + half, 1); nnt = 1 / difference;
  print difference se low high nnt;
quit;

/*@ share */
proc means data=days mean; where active = <<arm>>; var y; run;

/*@ throughout */
proc sql;
  create table status as select participant_id, active,
    case when min(y) = 0 then 0 when nmiss(y) > 0 then . else 1 end as good
  from days group by participant_id, active;
quit;

/*@ last day */
data status; set days; where day = <<last>>; good = y; run;

/*@ newcombe */
data status; set status; arm_order = 2 - active; run;           /* the active arm first */
proc freq data=status;
  tables arm_order*good / riskdiff(column=2 cl=newcombe) alpha=<<alpha>>;
run;

/*@ strip */
data days; set days; y = <<good>>; if missing then y = .; run;

/*@ strip counts */
data status; set status; good = (good = 1); arm_order = 2 - active; run;   /* unknown counted as not */
proc freq data=status;
  tables arm_order*good / riskdiff(column=2 cl=newcombe) alpha=<<alpha>> fisher;
run;

/*@ completed */
proc freq data=days; where day = <<last>> and active = <<arm>>; tables missing; run;

/*@ weeks */
proc sql;                                                       /* weeks of 7 days from the first, whole ones */
  create table weeks as select participant_id, active, int((day - <<first>>) / 7) as week, max(use or <<positive>>) as used,
    max(<<informed>>) as told
  from days where day < <<first>> + 7 * <<n>> group by participant_id, active, calculated week order by participant_id, week;
quit;
data weeks; set weeks; by participant_id; y = used; missing = (not used and not told);
<<rule>>
run;
data week_runs; set weeks; by participant_id;                   /* from the last week back: how long the run is that begins */
run;
proc sort data=week_runs; by participant_id descending week; run;
data week_runs; set week_runs; by participant_id; retain n;
  if first.participant_id then n = 0;
  if y = 1 then n = n + 1; else n = 0;
  first_day = <<first>> + 7 * week;
run;

/*@ times */
proc sql;
  create table events as select participant_id, active<<stratum>>,
    min(case when <<event>> then day else . end) as hit,
    coalesce(max(case when not missing then day else . end), <<first>> - 1) as known
  from days group by participant_id, active<<stratum>>;
quit;
data events; set events;
  if hit ne . then do; day = hit; status = 1; end;
<<dropout>>
  else do; day = known; status = 0; end;
  time = day - (<<first>> - 1);
run;

/*@ logrank */
proc lifetest data=events conftype=loglog alpha=<<alpha>>;
  time time*status(0); strata <<test>>;
run;

/*@ logrank competing */
proc lifetest data=events alpha=<<alpha>>;                      /* Gray's test of the incidence of relapse */
  time time*status(0) / eventcode=1; strata <<groups>>;
run;

/*@ cox */
proc phreg data=events;
  model time*status(<<censored>>) = active / ties=efron risklimits alpha=<<alpha>>;
<<strata>>run;

/*@ rmst */
proc lifetest data=events rmst(tau=<<tau>>) alpha=<<alpha>>;
  time time*status(0); strata active;
run;

/*@ incidence */
proc lifetest data=events timelist=<<n_days>> reduceout outsurv=at_last stderr alpha=<<alpha>>;
  time time*status(0); strata active;
run;
/* difference d = (1 - survival) in the active arm, a, minus that in the control arm, b.  Interval: Wilson's limits of each arm
   with n = p (1 - p) / SE**2 participants, then d - sqrt((a - low_a)**2 + (high_b - b)**2) and its mirror image (Newcombe) */

/*@ median */
proc lifetest data=events conftype=loglog alpha=<<alpha>>;      /* the row 50 of Quartile Estimates, plus <<first>> - 1 */
  time time*status(0); strata active;
run;
